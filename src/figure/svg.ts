/** Text as it may stand in SVG and HTML, in content and in quoted attributes alike. Control characters that XML forbids go. */
export function escapeText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uffff]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** A length or place in user units, to a hundredth: finer cannot be seen, and would double the file. */
export function px(value: number): string {
  const text = value.toFixed(2);
  return text.includes('.') ? text.replace(/\.?0+$/, '').replace(/^-0$/, '0') : text;
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element. Children are markup and stand as they are; attribute values are escaped. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  let head = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    head += ` ${key}="${typeof value === 'number' ? px(value) : escapeText(value)}"`;
  }
  return children.length === 0 ? `${head}/>` : `${head}>${children.join('')}</${name}>`;
}

/** A line of text at a place; `anchor` says which end of it stands there. */
export function label(
  x: number,
  y: number,
  text: string,
  options: { anchor?: 'start' | 'middle' | 'end'; class?: string; size?: number; rotate?: number } = {},
): string {
  const { anchor, size, rotate } = options;
  return element(
    'text',
    {
      x,
      y,
      class: options.class,
      'text-anchor': anchor === undefined || anchor === 'start' ? undefined : anchor,
      'font-size': size,
      transform: rotate === undefined ? undefined : `rotate(${px(rotate)} ${px(x)} ${px(y)})`,
    },
    escapeText(text),
  );
}

/** About how wide a text is in the figures' font. There is no DOM to ask; it errs on the wide side. */
export function textWidth(text: string, size = 11): number {
  return text.length * size * 0.58;
}
