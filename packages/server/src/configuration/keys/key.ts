/**
 * What one configuration key is. The tables beside this file hold one entry a key, made by the builders below; the type
 * of a key's default is the type of its value, so the values of a whole configuration are typed from the tables alone.
 */

/**
 * - `honoured`: this server acts on it.
 * - `ensemble`: it is checked and kept, and has a meaning only where several servers form an ensemble.
 * - `java`: it tunes Apache's Java process; it is named in a warning and its value is not looked at.
 */
export type Status = 'honoured' | 'ensemble' | 'java'

export type KeyType =
  | { readonly kind: 'int' | 'long' | 'port'; readonly min: number; readonly max: number; readonly unit: string }
  | { readonly kind: 'fraction'; readonly min: number; readonly max: number }
  | { readonly kind: 'boolean' | 'yesNo' | 'string' | 'path' | 'list' | 'secret' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** A family: the key ends in `.` and a suffix of the user's choice follows it in the file. */
  | { readonly kind: 'family'; readonly suffix: string }
  /** A key whose value is never looked at: what Apache takes, for the reference page only. */
  | { readonly kind: 'unread'; readonly form: string }

export interface Key<T> {
  readonly type: KeyType
  readonly default: T
  /** How the reference page names the default, where the value itself does not say it. */
  readonly defaultText?: string
  readonly status: Status
  /**
   * The Java system property that sets it, where it is not by Apache's rule `zookeeper.` and the key; null where Apache
   * reads the key from zoo.cfg alone.
   */
  readonly property?: string | null
  /** Further properties that Apache reads for the same setting. */
  readonly alsoProperties?: readonly string[]
  /** One sentence for the reference page. */
  readonly doc: string
  /** Why a `java` key has no effect here. */
  readonly why?: string
  /** An ensemble key that stands in ordinary zoo.cfg files of single servers: not worth a notice. */
  readonly ordinary?: boolean
}

export type KeyTable = Readonly<Record<string, Key<unknown>>>
/** The values of a table's keys, by key. */
export type ValuesOf<T extends KeyTable> = { readonly [K in keyof T]: T[K] extends Key<infer V> ? V : never }

const javaIntMax = 2 ** 31 - 1
const javaLongMax = 2 ** 63

interface NumberOptions<D> {
  readonly default?: D
  readonly min?: number
  readonly max?: number
  readonly unit?: string
  readonly defaultText?: string
}

interface Options<D> {
  readonly default?: D
  readonly defaultText?: string
}

/** A Java int: 32 bits, whole. */
export const int = <D extends number | undefined = undefined>(doc: string, options: NumberOptions<D> = {}) =>
  numeric<D>('int', javaIntMax, doc, options)

/** A Java long: 64 bits, whole; beyond 2^53 the value is the nearest number. */
export const long = <D extends number | undefined = undefined>(doc: string, options: NumberOptions<D> = {}) =>
  numeric<D>('long', javaLongMax, doc, options)

/** A TCP port; 0 lets the system choose. */
export const port = <D extends number | undefined = undefined>(doc: string, options: Options<D> = {}) =>
  numeric<D>('port', 65535, doc, { min: 0, ...options })

export const fraction = (doc: string, options: { default: number; min?: number; max?: number }): Key<number> =>
  key(doc, { kind: 'fraction', min: options.min ?? -Infinity, max: options.max ?? Infinity }, options)

/** `true` or `false`, as Java's Boolean.parseBoolean reads it. */
export const boolean = (doc: string, options: { default: boolean }): Key<boolean> =>
  key(doc, { kind: 'boolean' }, options)

/** `yes` or `no`: Apache compares these few keys with those very words. */
export const yesNo = (doc: string, options: { default: boolean }): Key<boolean> => key(doc, { kind: 'yesNo' }, options)

export const string = <D extends string | undefined = undefined>(doc: string, options: Options<D> = {}) =>
  textual<D>('string', doc, options)

/** A file or directory; relative ones are against the directory the server was started in. */
export const path = <D extends string | undefined = undefined>(doc: string, options: Options<D> = {}) =>
  textual<D>('path', doc, options)

/** Text that messages never show. */
export const secret = (doc: string): Key<string | undefined> => textual<undefined>('secret', doc, {})

/** Comma-separated, blanks around the parts dropped. */
export const list = (doc: string, options: Options<readonly string[]> = {}): Key<readonly string[]> =>
  key(doc, { kind: 'list' }, { ...options, default: options.default ?? [] })

/** One of a few words, in any case. */
export const choice = <const V extends string, D extends V | undefined = undefined>(
  doc: string,
  choices: readonly V[],
  options: Options<D> = {},
): Key<V | D> => key<V | D>(doc, { kind: 'choice', choices }, { ...options, default: options.default as D })

/** Keys that begin alike; `suffix` names the rest for the reference page. */
export const family = (suffix: string, doc: string): Key<undefined> =>
  key(doc, { kind: 'family', suffix }, { default: undefined })

/** A key that tunes Apache's Java process and nothing here. */
export const java = (form: string, defaultText: string, doc: string, why: string): Key<undefined> => ({
  ...key(doc, { kind: 'unread', form }, { default: undefined, defaultText }),
  status: 'java',
  why,
})

export const ensemble = <T>(inner: Key<T>): Key<T> => ({ ...inner, status: 'ensemble' })
export const ordinaryEnsemble = <T>(inner: Key<T>): Key<T> => ({ ...inner, status: 'ensemble', ordinary: true })
/** Apache reads it from zoo.cfg alone; a system property of its name does nothing. */
export const fileOnly = <T>(inner: Key<T>): Key<T> => ({ ...inner, property: null })
export const withProperty = <T>(property: string, inner: Key<T>, ...alsoProperties: string[]): Key<T> => ({
  ...inner,
  property,
  ...(alsoProperties.length > 0 && { alsoProperties }),
})

function numeric<D extends number | undefined>(
  kind: 'int' | 'long' | 'port',
  limit: number,
  doc: string,
  options: NumberOptions<D>,
): Key<number | D> {
  const { min = -limit - 1, max = limit, unit = '' } = options
  return key<number | D>(doc, { kind, min, max, unit }, { ...options, default: options.default as D })
}

function textual<D extends string | undefined>(
  kind: 'string' | 'path' | 'secret',
  doc: string,
  options: Options<D>,
): Key<string | D> {
  return key<string | D>(doc, { kind }, { ...options, default: options.default as D })
}

function key<T>(doc: string, type: KeyType, options: { default: T; defaultText?: string }): Key<T> {
  return {
    type,
    default: options.default,
    ...(options.defaultText !== undefined && { defaultText: options.defaultText }),
    status: 'honoured',
    doc,
  }
}
