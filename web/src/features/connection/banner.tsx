import type { Banner as Kind } from '../../state/contract.ts';
import { Icon } from '../../ui/icon.tsx';
import { useParley } from '../context.ts';

interface Words {
  icon: string;
  says: string;
  button?: string;
}

const WORDS: Record<Exclude<Kind, 'none'>, Words> = {
  reconnecting: { icon: 'retry', says: 'Reconnecting…', button: 'Try now' },
  offline: { icon: 'wifi', says: 'You’re offline. Messages send when you’re back.' },
  updated: { icon: 'info', says: 'Parley was updated.', button: 'Reload' },
  stopped: { icon: 'alert', says: 'The connection was given up.', button: 'Reload' },
};

/** What is wrong with the connection, between header and messages. */
export function Banner() {
  const { connection } = useParley();
  const kind = connection.banner.value;
  if (kind === 'none') return null;
  const words = WORDS[kind];
  const code = connection.closeCode.value;
  const act = () => (kind === 'reconnecting' ? connection.retry() : location.reload());
  return (
    <div class="banner" role="status">
      <Icon name={words.icon} />
      <span>
        {words.says}
        {kind === 'stopped' && code !== null && <span class="hint"> Code {code}</span>}
      </span>
      {words.button && (
        <button type="button" onClick={act}>
          {words.button}
        </button>
      )}
    </div>
  );
}
