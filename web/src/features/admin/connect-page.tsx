import { useId } from 'preact/hooks';
import { Button } from '../../ui/button.tsx';
import { copyText } from '../../ui/copy.ts';
import { useParley } from '../context.ts';
import { AdminHead } from './admin-head.tsx';

const SIGNUP: Record<string, string> = {
  open: 'Open: anybody who reaches the server',
  invite: 'By invitation',
  closed: 'Closed: administrators add people',
};

/** How programs and people reach this server. */
export function ConnectPage() {
  const { session } = useParley();
  const server = session.server.value;
  const base = location.origin;
  const socket = `${base.replace(/^http/u, 'ws')}/api/v1/ws`;
  return (
    <div class="page scroll grow">
      <div class="inner">
        <AdminHead title="Connect" lead="Where people and programs reach this server." />
        <div class="settings">
          <section aria-label="Server">
            <dl class="facts card">
              <Fact name="Workspace" value={server?.name ?? ''} />
              <Fact name="Sign-up" value={SIGNUP[server?.signup ?? ''] ?? ''} />
              <Fact name="Version" value={server?.version ?? ''} />
            </dl>
          </section>
          <section aria-label="Addresses">
            <h2>Addresses</h2>
            <Address label="For people" value={base} />
            <Address label="HTTP API" value={`${base}/api/v1`} />
            <Address label="WebSocket" value={socket} />
            <p>
              A program signs in with a token: <code>parley token add NAME</code>
            </p>
          </section>
        </div>
      </div>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd dir="auto">{value}</dd>
    </>
  );
}

function Address({ label, value }: { label: string; value: string }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy-line">
        <input id={id} class="in" readOnly value={value} onFocus={(event) => event.currentTarget.select()} />
        <Button icon="copy" aria-label={`Copy ${label}`} onClick={() => void copyText(value, 'Address copied')}>
          Copy
        </Button>
      </div>
    </div>
  );
}
