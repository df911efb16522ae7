/** Where a setting stands: a line of a file, an environment variable, or the program that passed it. */
export type Place =
  | { readonly kind: 'file'; readonly file: string; readonly line?: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'program' }

export interface Problem {
  readonly place: Place
  readonly key?: string
  /** As written; never that of a password or digest. */
  readonly value?: string
  /** What is wrong and what to do, as one clause without a full stop. */
  readonly text: string
}

/** Something that does not keep the server from starting; `warning` where it does otherwise than the user may expect. */
export interface Notice extends Problem {
  readonly level: 'warning' | 'info'
}

/** The configuration cannot be used; the message lists every problem, one a line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'CONFIGURATION_INVALID'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(describe).join('\n'))
    this.problems = problems
  }
}

/** One line for a person: `zoo.cfg:3: tickTime=abc: not a whole number; write one of ms, 1 or more`. */
export function describe(problem: Problem): string {
  const { place, key, value, text } = problem
  const setting = key === undefined ? '' : value === undefined ? `${shown(key)}: ` : `${shown(key)}=${shown(value)}: `
  return `${describePlace(place)}: ${setting}${text}`
}

function describePlace(place: Place): string {
  switch (place.kind) {
    case 'file':
      return place.line === undefined ? place.file : `${place.file}:${place.line}`
    case 'environment':
      return place.variable
    case 'program':
      return 'configuration'
  }
}

/** One line, and not a long one. */
function shown(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
  return short.replace(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
