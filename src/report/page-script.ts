/**
 * What a reader with scripts has on top: tables that sort by a click on their head and search by name, and the value under
 * the pointer in the map of correlations. Plain text, small, and nothing in the report waits for it.
 */
export const PAGE_SCRIPT = `
document.body.classList.remove('no-script');
for (const table of document.querySelectorAll('table[data-sortable]')) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = head.querySelector('button');
    if (!button) return;
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const key = (row) => row.cells[at].dataset.v ?? row.cells[at].textContent;
      const rows = [...body.rows].map((row) => [key(row), row]);
      rows.sort(([a], [b]) => {
        const x = Number(a), y = Number(b);
        if (a === '' || b === '') return (a === '') - (b === '');
        const order = Number.isNaN(x) || Number.isNaN(y) ? b.localeCompare(a) : x - y;
        return down ? -order : order;
      });
      body.append(...rows.map(([, row]) => row));
    });
  });
}
for (const input of document.querySelectorAll('.search input')) {
  const table = document.getElementById(input.dataset.table);
  const count = input.parentElement.querySelector('output');
  input.addEventListener('input', () => {
    const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const text = row.cells[0].textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown++;
    }
    count.textContent = words.length > 0 ? shown + ' shown' : '';
  });
}
for (const map of document.querySelectorAll('[data-map]')) {
  const { names, values } = JSON.parse(map.querySelector('script').textContent);
  const cells = map.querySelector('rect.cells');
  const read = map.querySelector('.read');
  const first = read.textContent;
  cells.addEventListener('pointermove', (event) => {
    const box = cells.getBoundingClientRect();
    const n = names.length;
    const c = Math.min(n - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * n)));
    const r = Math.min(n - 1, Math.max(0, Math.floor(((event.clientY - box.top) / box.height) * n)));
    const rho = values[Math.max(r, c)][Math.min(r, c)];
    read.textContent = names[r] + ' × ' + names[c] + ': ' + (rho === null ? 'no correlation' : 'ρ = ' + (rho / 100).toFixed(2).replace('-', '−'));
  });
  cells.addEventListener('pointerleave', () => { read.textContent = first; });
}
`;
