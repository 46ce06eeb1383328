import { Component, h, type ComponentChild, type FunctionComponent } from 'preact';

/** Skips a component while every prop is the same object as before. Rows of the list depend on it. */
export function memo<P extends object>(inner: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return !sameProps(this.props as P, next as P);
    }
    override render(props: P): ComponentChild {
      return h(inner, props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}

export function sameProps(a: object, b: object): boolean {
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => Object.is(left[key], right[key]));
}
