import type { ComponentType, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { EmptyState } from './empty.tsx';

/** Loads a part of the client on first use and keeps it. A failed load can be tried again in place. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): FunctionComponent<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [turn, setTurn] = useState(0);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded) return;
      setFailed(false);
      load().then(
        (part) => {
          loaded = part;
          setTurn((n) => n + 1);
        },
        () => setFailed(true),
      );
    }, [turn]);
    if (loaded) {
      const Part = loaded;
      return <Part {...props} />;
    }
    return failed ? <LoadFailed onRetry={() => setTurn(turn + 1)} /> : null;
  };
}

function LoadFailed({ onRetry }: { onRetry: () => void }) {
  return (
    <EmptyState bad icon="retry" title="This part didn’t load" actions={<Button onClick={onRetry}>Try again</Button>}>
      <p>Check the connection. Your drafts are safe on this device.</p>
    </EmptyState>
  );
}
