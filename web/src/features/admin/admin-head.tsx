import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon } from '../../ui/icon.tsx';
import { Button, IconButton } from '../../ui/button.tsx';

interface AdminHeadProps {
  title: string;
  lead: ComponentChildren;
  action?: { label: string; act: () => void };
}

/** Title, one sentence, the page's one primary action; the bar of the phone has the same. */
export function AdminHead({ title, lead, action }: AdminHeadProps) {
  useEffect(() => {
    document.title = `${title} · Admin`;
  }, [title]);
  return (
    <div class="page-top">
      <a class="ib back" href="/admin" aria-label="Back to admin">
        <Icon name="back" />
      </a>
      <div>
        <h1>{title}</h1>
        <p>{lead}</p>
      </div>
      <span class="sp" />
      {action && (
        <>
          <span class="hide-phone">
            <Button kind="primary" icon="plus" onClick={action.act}>
              {action.label}
            </Button>
          </span>
          <span class="only-phone">
            <IconButton icon="plus" class="accent" label={action.label} onClick={action.act} />
          </span>
        </>
      )}
    </div>
  );
}

interface FilterProps {
  label: string;
  find: string;
  onFind: (value: string) => void;
  children: ComponentChildren;
}

/** One filter line: a search field, and what narrows the list. */
export function Filters({ label, find, onFind, children }: FilterProps) {
  return (
    <div class="filters" role="search">
      <div class="in-ic">
        <Icon name="search" />
        <input
          class="in"
          type="search"
          placeholder={label}
          aria-label={label}
          value={find}
          onInput={(event) => onFind(event.currentTarget.value)}
        />
      </div>
      {children}
    </div>
  );
}
