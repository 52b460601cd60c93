/** The fields of one CSV line: text in double quotes may hold commas, and a doubled quote stands for one. */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length; ) {
    let field = '';
    if (line[at] === '"') {
      let from = at + 1;
      for (;;) {
        const quote = line.indexOf('"', from);
        if (quote < 0) return [...fields, field + line.slice(from)];
        field += line.slice(from, quote);
        at = quote + 1;
        if (line[at] !== '"') break;
        field += '"';
        from = at + 1;
      }
    }
    const comma = line.indexOf(',', at);
    const end = comma < 0 ? line.length : comma;
    fields.push(field + line.slice(at, end));
    at = end + 1;
  }
  return fields;
}

/** A list as Python writes it (`[['buy', '8041.33000000', '0']]`) as JSON text; its texts hold neither quotes nor backslashes. */
export function pythonList(text: string): string {
  return text.replaceAll("'", '"');
}

/** A whole number that went through a float (`41766820.0`) as it was; other text as it is. */
export function wholeText(text: string): string {
  return text.replace(/\.0$/, '');
}
