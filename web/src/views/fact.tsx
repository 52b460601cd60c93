import type { ReactNode } from 'react';

/** A name and what it is now, one above the other; `title` explains it. Stands in a `dl`. */
export function Fact(props: { name: string; title?: string; note?: string; className?: string; children: ReactNode }) {
  return (
    <div className={`fact ${props.className ?? ''}`} title={props.title ?? ''}>
      <dt>{props.name}</dt>
      <dd>
        {props.children}
        {props.note && <span className="note"> {props.note}</span>}
      </dd>
    </div>
  );
}
