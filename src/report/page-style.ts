/** The page's own style, over the figures' variables. System fonts, so that the file needs nothing from anywhere. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f6f7f8;--panel:#fff;--edge:#dfe3e8;--ink:#1b1f24;--dim:#5b6370;--accent:#0068a8;
--good:#00674b;--warn-a:#f0bb45;--warn-b:#dfa62c;--warn-ink:#1d1503}
@media (prefers-color-scheme:dark){:root{--page:#0f1215;--panel:#15181c;--edge:#2b3037;--ink:#e6e8eb;--dim:#a0a8b3;--accent:#5eb3ea;--good:#45c49d}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:12px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
.page{max-width:1360px;margin:0 auto;padding:20px 24px 60px}
h1{font-size:24px;line-height:1.2;margin:0;letter-spacing:-.01em}h2{font-size:17px;margin:0 0 4px}h3{font-size:13px;margin:0 0 4px;font-weight:650}
p{margin:0 0 10px;max-width:104ch}a{color:var(--accent)}.dim{color:var(--dim)}small,.small{font-size:12px}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.top{display:flex;flex-wrap:wrap;gap:6px 16px;align-items:center;margin-bottom:4px}
.badge{padding:3px 11px;border-radius:99px;font-size:12px;font-weight:700;letter-spacing:.03em;background:#3567c9;color:#fff}
.simulated{margin:14px 0;padding:14px 18px;border-radius:8px;color:var(--warn-ink);font-weight:600;background:repeating-linear-gradient(-45deg,var(--warn-a) 0 12px,var(--warn-b) 12px 24px)}
.simulated b{display:block;font-size:30px;line-height:1.15;letter-spacing:.06em}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;background:var(--edge);border:1px solid var(--edge);border-radius:8px;overflow:hidden;margin:16px 0}
.tiles.five{grid-template-columns:repeat(5,1fr)}@media (max-width:900px){.tiles.five{grid-template-columns:1fr 1fr}}
.tile{background:var(--panel);padding:10px 14px}.tile b{display:block;font-size:21px;line-height:1.25;font-weight:650;overflow-wrap:anywhere}
.tile span{color:var(--dim);font-size:12px;overflow-wrap:anywhere}
section{background:var(--panel);border:1px solid var(--edge);border-radius:8px;padding:18px 20px;margin-top:16px}
section>p:first-of-type{margin-bottom:14px}
nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:14px 0 0;font-size:13px}
ul.plain{margin:0 0 8px;padding-left:18px;max-width:120ch}ul.plain li{margin:3px 0}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,310px),1fr));gap:18px 22px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:18px 28px;align-items:start}.pair.gap{margin-top:18px}.pair>figure>.fig{display:block;width:100%;max-width:500px}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,260px),1fr));gap:10px 18px}.panels figure{margin:0}
figure{margin:0 0 14px;min-width:0;break-inside:avoid}figcaption{font-size:12px;color:var(--dim);margin-top:2px;max-width:90ch}
h3.sub{font-size:14.5px;margin:22px 0 6px;padding-top:12px;border-top:1px solid var(--edge)}.verdicts{margin:12px 0 0;font-size:15.5px}.verdicts p{margin:0 0 4px}
.scroll{overflow:auto;max-width:100%;overscroll-behavior-x:contain}.scroll .fig{max-width:none}.tall table{width:100%}.tall{max-height:640px;border:1px solid var(--edge);border-radius:6px}
table{border-collapse:separate;border-spacing:0;font-size:12.5px;line-height:1.35;white-space:nowrap}
th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--edge);vertical-align:middle}
th:first-child,td:first-child,.text{text-align:left}
thead th{position:sticky;top:0;background:var(--panel);z-index:2;color:var(--dim);font-weight:600;border-bottom:1px solid var(--dim)}
tbody th{font-weight:600;position:sticky;left:0;background:var(--panel);z-index:1}thead th:first-child{left:0;z-index:3}
tbody tr:hover>*{background:var(--page)}
th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
td small{display:block;color:var(--dim);font-size:10px;font-weight:400}td svg{vertical-align:middle}td.faint{color:var(--dim);font-weight:400}td.found{font-weight:650}
tbody th small{display:block;font-weight:400;color:var(--dim);font-size:10.5px}
.facts{white-space:normal;width:100%}.facts th{width:190px;color:var(--dim);font-weight:400;text-align:left;position:static}.facts td{text-align:left;overflow-wrap:anywhere}
.wrap{white-space:normal;min-width:260px}
.search{display:flex;gap:10px;align-items:center;margin:0 0 8px;font-size:12px;color:var(--dim)}
.search input{font:inherit;font-size:13px;color:var(--ink);background:var(--page);border:1px solid var(--edge);border-radius:6px;padding:4px 9px;width:220px;max-width:60vw}
.no-script .search{display:none}
.narrow-only{display:none}.wide-only>.fig,.narrow-only>.fig{display:block;width:100%}@media (max-width:760px){.wide-only{display:none}.narrow-only{display:block}}
.read{min-height:20px;font-size:12.5px}
@media (max-width:600px){.page{padding:14px 10px 40px}section{padding:14px 12px}h1{font-size:20px}.tiles{grid-template-columns:1fr 1fr}.tile b{font-size:17px}.facts th{width:110px}
table[data-sortable] tbody th{min-width:116px;max-width:130px;white-space:normal;overflow-wrap:anywhere}th,td{padding:4px 7px}}
@media print{:root{color-scheme:light;--page:#fff;--panel:#fff;--edge:#ccc;--ink:#000;--dim:#444}body{font-size:11px}.page{max-width:none;padding:0}
nav,.search,.read{display:none}section{border:0;padding:8px 0;break-inside:auto}.tall{max-height:none;border:0}.scroll{overflow:visible}.scroll .fig{max-width:100%}
table{font-size:8.5px}thead th,tbody th{position:static}th,td{padding:2px 4px}h2{break-after:avoid}.badge,.simulated{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
