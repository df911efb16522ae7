/** The data on disk cannot be used as it is, and going on could lose what was acknowledged. */
export class RecoveryError extends Error {
  readonly code = 'RECOVERY'
  readonly file: string
  readonly offset: number | undefined
  readonly problem: string
  readonly remedy: string

  constructor({ file, offset, problem, remedy, cause }: RecoveryProblem) {
    const place = offset === undefined ? file : `${file}, byte ${offset}`
    super(`${place}: ${problem}. ${remedy}`, cause === undefined ? undefined : { cause })
    this.file = file
    this.offset = offset
    this.problem = problem
    this.remedy = remedy
  }
}

export interface RecoveryProblem {
  /** A file or a directory. */
  readonly file: string
  readonly offset?: number
  /** What is wrong, without a full stop. */
  readonly problem: string
  /** What to do, as sentences. */
  readonly remedy: string
  readonly cause?: unknown
}
