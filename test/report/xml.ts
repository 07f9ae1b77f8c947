/** A strict parser of the XML that tests look at: no entities but the five, no comments inside, no processing. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly Element[]
  readonly text: string
}

/** Characters that XML 1.0 allows. */
const LEGAL = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

/** The root element; throws where the text is not well formed. */
export function parseXml(xml: string): Element {
  if (!LEGAL.test(xml)) throw new Error("a character that XML forbids")
  const open: { name: string; attributes: Record<string, string>; children: Element[]; text: string }[] = [
    { name: "", attributes: {}, children: [], text: "" },
  ]
  const top = (): (typeof open)[number] => {
    const last = open.at(-1)
    if (last === undefined) throw new Error("more ends than starts")
    return last
  }
  const body = xml.replace(/^<\?xml [^?]*\?>\n/, "").replace(/<!--(?:(?!--)[\s\S])*-->/g, "")
  for (const [piece] of body.matchAll(/<[^<]*?>|[^<]+|</g)) {
    if (!piece.startsWith("<")) {
      top().text += decoded(piece)
      continue
    }
    const tag = /^<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>$/.exec(piece)
    if (tag === null) throw new Error(`no tag: ${piece.slice(0, 200)}`)
    const [, end, name = "", list = "", empty] = tag
    if (end === "/") {
      if (top().name !== name) throw new Error(`</${name}> ends <${top().name}>`)
      const element = open.pop()
      if (element !== undefined) top().children.push(element)
      continue
    }
    const attributes: Record<string, string> = {}
    for (const [, key = "", value = ""] of list.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      if (key in attributes) throw new Error(`${key} twice`)
      attributes[key] = decoded(value)
    }
    const element = { name, attributes, children: [], text: "" }
    if (empty === "/") top().children.push(element)
    else open.push(element)
  }
  const [root, more] = top().children
  if (open.length !== 1 || root === undefined || more !== undefined) throw new Error("not one root")
  return root
}

function decoded(text: string): string {
  return text.replace(/&([a-z]*);?/g, (whole, name: string) => {
    const char = ENTITIES[name]
    if (char === undefined || !whole.endsWith(";")) throw new Error(`no entity: ${whole}`)
    return char
  })
}
