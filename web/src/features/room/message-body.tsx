import type { ComponentChildren } from 'preact';
import { IconButton } from '../../ui/button.tsx';
import { copyText } from '../../ui/copy.ts';
import type { RichNode } from '../../wire/protocol.ts';

interface RichProps {
  nodes: readonly RichNode[];
  /** My user id, and my names for text that the server has not seen. */
  me: number;
  myNames: readonly string[];
}

type Draw = (node: RichNode, inner: ComponentChildren, props: RichProps) => ComponentChildren;

/** Elements from the message's tree. No HTML string exists anywhere. */
export function Rich({ nodes, ...rest }: RichProps) {
  return <>{drawAll(nodes, { nodes, ...rest })}</>;
}

function drawAll(nodes: readonly RichNode[], props: RichProps): ComponentChildren[] {
  return nodes.map((node, at) => <Node key={at} node={node} props={props} />);
}

function Node({ node, props }: { node: RichNode; props: RichProps }) {
  const draw = DRAW[node.t];
  const inner = node.c ? drawAll(node.c, props) : node.text;
  return <>{draw ? draw(node, inner, props) : inner}</>;
}

const DRAW: Partial<Record<string, Draw>> = {
  p: (_, inner) => <p>{inner}</p>,
  h: (_, inner) => <h4>{inner}</h4>,
  em: (_, inner) => <em>{inner}</em>,
  strong: (_, inner) => <strong>{inner}</strong>,
  del: (_, inner) => <del>{inner}</del>,
  code: (_, inner) => <code>{inner}</code>,
  pre: (node) => <CodeBlock text={textOf(node)} lang={node.lang ?? ''} />,
  quote: (_, inner) => <blockquote>{inner}</blockquote>,
  ul: (_, inner) => <ul>{inner}</ul>,
  ol: (node, inner) => <ol start={node.start}>{inner}</ol>,
  li: (_, inner) => <li>{inner}</li>,
  br: () => <br />,
  link: (node, inner) => <SafeLink href={node.href ?? ''}>{inner}</SafeLink>,
  mention: (node, inner, props) => <span class={isMe(node, props) ? 'at you' : 'at'}>{atSign(inner)}</span>,
  room: (node, inner) => <RoomLink node={node}>{inner}</RoomLink>,
};

const SAFE = /^(?:https?:|mailto:)/iu;

/** Other schemes than the web's and mail's stay text, whatever the server said. */
function SafeLink({ href, children }: { href: string; children: ComponentChildren }) {
  if (!SAFE.test(href)) return <>{children}</>;
  const out = { target: '_blank', rel: 'noopener noreferrer nofollow' };
  const own = href.startsWith(`${location.origin}/`);
  return (
    <a href={href} {...(own ? {} : out)}>
      {children}
    </a>
  );
}

function RoomLink({ node, children }: { node: RichNode; children: ComponentChildren }) {
  const slug = (node.href ?? node.text ?? textOf(node)).replace(/^.*[/#]/u, '');
  return (
    <a class="at" href={`/rooms/${encodeURIComponent(slug)}`}>
      {children}
    </a>
  );
}

function CodeBlock({ text, lang }: { text: string; lang: string }) {
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={lang ? `Code, ${lang}` : 'Code'}>
        <code>{text.replace(/\n$/u, '')}</code>
      </pre>
      {lang && <span class="lang">{lang}</span>}
      <IconButton class="copy" icon="copy" small label="Copy code" onClick={() => void copyText(text, 'Code copied')} />
    </div>
  );
}

function textOf(node: RichNode): string {
  return node.text ?? (node.c ?? []).map(textOf).join('');
}

function atSign(inner: ComponentChildren): ComponentChildren {
  return typeof inner === 'string' && !inner.startsWith('@') ? `@${inner}` : inner;
}

function isMe(node: RichNode, { me, myNames }: RichProps): boolean {
  if (node.user !== undefined) return node.user === me;
  return myNames.includes(textOf(node).replace(/^@/u, '').toLowerCase());
}
