const VOID = new Set(['meta', 'input', 'br', 'link']);

/** The names of elements that are opened and not closed, or closed and not opened, in SVG or HTML; empty where all is well. */
export function unbalanced(markup: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  // What scripts and styles hold is no markup.
  const text = markup.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '').replace(/<!doctype[^>]*>/i, '');
  for (const match of text.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>|</g)) {
    const [whole, closing, name, , empty] = match;
    if (name === undefined) wrong.push(`a bare < before ${JSON.stringify(text.slice(match.index, match.index + 20))}`);
    else if (closing === '/') {
      if (open.pop() !== name) wrong.push(whole);
    } else if (empty !== '/' && !VOID.has(name)) open.push(name);
  }
  return [...wrong, ...open];
}
