/**
 * JAAS configuration files, as Java's login configuration reads them:
 *
 *   file    = section*
 *   section = name "{" module+ "}" ";"
 *   module  = class ("required" | "requisite" | "sufficient" | "optional") (key "=" value)* ";"
 *
 * Names, keys and values are words or quoted; in a value, ${name} stands for a system property. Comments are // and /* *\/.
 */
export interface JaasModule {
  readonly className: string
  readonly options: ReadonlyMap<string, string>
  readonly line: number
}

export type JaasSections = ReadonlyMap<string, readonly JaasModule[]>

export interface JaasSource {
  /** Stands in error messages. */
  readonly file: string
  readonly text: string
  /** What ${name} in a value stands for. */
  readonly properties?: ReadonlyMap<string, string>
}

export class JaasError extends Error {
  readonly code = 'JAAS'
}

interface Token {
  readonly kind: 'word' | 'symbol' | 'end'
  readonly text: string
  readonly line: number
}

const FLAGS: ReadonlySet<string> = new Set(['required', 'requisite', 'sufficient', 'optional'])

/** @throws JaasError with file and line */
export function parseJaas(source: JaasSource): JaasSections {
  const tokens = new Tokens(source)
  const sections = new Map<string, readonly JaasModule[]>()
  while (tokens.next.kind !== 'end') {
    const name = tokens.word('the name of a section')
    if (sections.has(name.text)) throw tokens.error(name, `section ${name.text} stands twice in the file`)
    tokens.symbol('{')
    const modules: JaasModule[] = []
    while (tokens.next.text !== '}' || tokens.next.kind !== 'symbol') modules.push(parseModule(tokens))
    tokens.symbol('}')
    tokens.symbol(';')
    sections.set(name.text, modules)
  }
  return sections
}

function parseModule(tokens: Tokens): JaasModule {
  const className = tokens.word('the class of a login module, or }')
  const flag = tokens.word('required, requisite, sufficient or optional')
  if (!FLAGS.has(flag.text.toLowerCase())) {
    throw tokens.error(flag, `expected required, requisite, sufficient or optional, found ${flag.text}`)
  }
  const options = new Map<string, string>()
  while (tokens.next.kind === 'word') {
    const key = tokens.word('an option')
    tokens.symbol('=')
    options.set(key.text, tokens.expanded(tokens.word(`the value of ${key.text}`)))
  }
  tokens.symbol(';')
  return { className: className.text, options, line: className.line }
}

class Tokens {
  next: Token
  readonly #source: JaasSource
  readonly #pattern =
    /(\s+|\/\/[^\n]*|\/\*[^]*?\*\/)|([\w$*.\-\u00a0-\uffff]+)|"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'|([{};=])/y
  #line = 1

  constructor(source: JaasSource) {
    this.#source = source
    this.next = this.#read()
  }

  word(what: string): Token {
    return this.#take('word', what)
  }

  symbol(text: string): void {
    if (this.next.kind !== 'symbol' || this.next.text !== text) throw this.#unexpected(text)
    this.#take('symbol', text)
  }

  error(token: Token, text: string): JaasError {
    return new JaasError(`${this.#source.file}:${String(token.line)}: ${text}`)
  }

  /** The value with its ${name}s replaced. */
  expanded(value: Token): string {
    return value.text.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
      const property = this.#source.properties?.get(name)
      if (property === undefined)
        throw this.error(value, `there is no system property ${name}; set it with -D${name}=…`)
      return property
    })
  }

  #take(kind: Token['kind'], what: string): Token {
    const token = this.next
    if (token.kind !== kind) throw this.#unexpected(what)
    this.next = this.#read()
    return token
  }

  #unexpected(wanted: string): JaasError {
    const { kind, text } = this.next
    return this.error(this.next, `expected ${wanted}, found ${kind === 'end' ? 'the end of the file' : text}`)
  }

  #read(): Token {
    const { text } = this.#source
    while (this.#pattern.lastIndex < text.length) {
      const at = this.#pattern.lastIndex
      const line = this.#line
      const match = this.#pattern.exec(text)
      if (match === null) throw this.error({ kind: 'symbol', text: '', line }, unreadable(text.slice(at, at + 1)))
      this.#line += match[0].split('\n').length - 1
      const [, blank, plain, quoted, alsoQuoted, symbol] = match
      if (blank !== undefined) continue
      if (symbol !== undefined) return { kind: 'symbol', text: symbol, line }
      return { kind: 'word', text: plain ?? unescaped(quoted ?? alsoQuoted ?? ''), line }
    }
    return { kind: 'end', text: '', line: this.#line }
  }
}

function unreadable(character: string): string {
  if (character === '"' || character === "'")
    return `a quoted text that does not end on its line (${character} is missing)`
  if (character === '/') return 'a comment that does not end (*/ is missing), or a / that must be quoted'
  return `${JSON.stringify(character)} must be quoted`
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', a: '\x07', v: '\v' }

function unescaped(text: string): string {
  return text.replace(/\\(?:([0-3]?[0-7]{1,2})|([^]))/g, (_whole, octal: string | undefined, character: string) =>
    octal === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(parseInt(octal, 8)),
  )
}
