// A small piece of an XML file as a tree: one header, one entry, one transaction. The file itself never stands
// in memory. Only the attribute Ccy is kept; ISO 20022 has no other that matters.

export type XmlNode = {
  /** Local name; "" for an element of another namespace than the message, which no field is read from. */
  readonly name: string;
  readonly line: number;
  readonly currency: string | null;
  readonly parent: XmlNode | null;
  /** Text of the element; meaningless when it has children. */
  text: string;
  children: XmlNode[];
};

const NO_CHILDREN: XmlNode[] = [];

export function createNode(
  name: string,
  line: number,
  currency: string | null,
  parent: XmlNode | null,
): XmlNode {
  const node: XmlNode = { name, line, currency, parent, text: "", children: NO_CHILDREN };
  if (parent !== null) {
    if (parent.children === NO_CHILDREN) parent.children = [node];
    else parent.children.push(node);
  }
  return node;
}

/** The first child of that name, or null. */
export function child(node: XmlNode | null, name: string): XmlNode | null {
  if (node === null) return null;
  for (const candidate of node.children) if (candidate.name === name) return candidate;
  return null;
}

/** The element at a path of names below the node, first of each, or null. */
export function at(node: XmlNode | null, ...path: readonly string[]): XmlNode | null {
  let here = node;
  for (const name of path) here = child(here, name);
  return here;
}

export function childrenNamed(node: XmlNode | null, name: string): readonly XmlNode[] {
  return node === null ? NO_CHILDREN : node.children.filter((candidate) => candidate.name === name);
}

/** Text of the element with outer blanks removed and line breaks as one blank; null when absent or empty. */
export function textOf(node: XmlNode | null): string | null {
  if (node === null || node.children.length > 0) return null;
  const text = node.text.trim();
  if (text === "") return null;
  if (!/[\r\n\t]/.test(text)) return text;
  const lines = text.split(/[\r\n\t]+/).map((line) => line.trim());
  return lines.filter((line) => line !== "").join(" ");
}

/** Text at the path, as `textOf`. */
export function textAt(node: XmlNode | null, ...path: readonly string[]): string | null {
  return textOf(at(node, ...path));
}
