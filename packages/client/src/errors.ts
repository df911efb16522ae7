import { ERRORS, ErrorCode, errorName, type ErrorName } from '@meerkat/protocol'

/** What an operation of the client fails with: the server's answer, or the loss of connection or session. */
export class ZooKeeperError extends Error {
  /** The number on the wire (org.apache.zookeeper.KeeperException.Code). */
  readonly code: number
  /** The name of the code, such as `NONODE`; `UNKNOWN` for a number that ZooKeeper does not have. */
  override readonly name: ErrorName | 'UNKNOWN'
  readonly path: string | undefined
  /** After a failed multi: the code of each of its operations, in order. */
  readonly results: readonly number[]

  constructor(code: number, path?: string, { results = [], reason }: { results?: number[]; reason?: string } = {}) {
    const name = errorName(code) ?? 'UNKNOWN'
    const meaning = reason ?? ERRORS.find((error) => error.code === code)?.meaning ?? `error ${code}`
    super(path === undefined ? meaning : `${path}: ${meaning}`)
    this.code = code
    this.name = name
    this.path = path
    this.results = results
  }
}

/** Whether `error` is ZooKeeper's answer `name`. */
export function isError(error: unknown, name: ErrorName): error is ZooKeeperError {
  return error instanceof ZooKeeperError && error.code === ErrorCode[name]
}
