import { escapeText, FIGURE_STYLE } from '../figure/index.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';

export interface Section {
  /** For links within the page. */
  readonly id: string;
  readonly title: string;
  /** Markup. */
  readonly body: string;
}

/** A whole page, in one file that needs nothing from anywhere. `head` is markup above the contents. */
export function page(title: string, head: string, sections: readonly Section[]): string {
  const contents = sections.map((section) => `<a href="#${section.id}">${escapeText(section.title)}</a>`).join('\n');
  const bodies = sections.map(
    ({ id, title: heading, body }) => `<section id="${id}">\n<h2>${escapeText(heading)}</h2>\n${body}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeText(title)}</title>
<style>${FIGURE_STYLE}${PAGE_STYLE}</style>
</head>
<body class="no-script">
<div class="page">
${head}
<nav aria-label="Contents">
${contents}
</nav>
${bodies.join('\n')}
</div>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** A drawing with its name above and, where there is more to say, a line below. `drawing` is markup. */
export function figureBlock(title: string, drawing: string, caption = ''): string {
  const below = caption === '' ? '' : `<figcaption>${escapeText(caption)}</figcaption>`;
  return `<figure><h3>${escapeText(title)}</h3>${drawing}${below}</figure>`;
}

export function paragraph(text: string): string {
  return `<p>${escapeText(text)}</p>`;
}

export function bulletList(sentences: readonly string[]): string {
  return `<ul class="plain">${sentences.map((text) => `<li>${escapeText(text)}</li>`).join('')}</ul>`;
}
