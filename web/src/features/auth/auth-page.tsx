import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Mark } from '../../ui/icon.tsx';

interface AuthPageProps {
  title: string;
  lead?: ComponentChildren;
  children?: ComponentChildren;
}

/** The card that stands alone: first run, sign-in, sign-up, invitation. */
export function AuthPage({ title, lead, children }: AuthPageProps) {
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main class="auth-page">
      <div class="auth">
        <Mark />
        <div>
          <h1>{title}</h1>
          {lead && <p>{lead}</p>}
        </div>
        {children}
      </div>
    </main>
  );
}
