/**
 * Lines that wait for a destination, within a bound: a destination that stands still costs this much memory and never
 * makes a request wait. Lines beyond the bound are dropped and counted, and the count is told once lines fit again.
 */
export class LineQueue {
  /** Lines dropped since the start. */
  dropped = 0
  private lines: string[] = []
  private length = 0
  private untold = 0
  private readonly maxLength: number
  private readonly describeDrops: (count: number) => string

  /** `maxLength` is in characters; `describeDrops` makes the line that tells of dropped ones. */
  constructor(maxLength: number, describeDrops: (count: number) => string) {
    this.maxLength = maxLength
    this.describeDrops = describeDrops
  }

  get isEmpty(): boolean {
    return this.lines.length === 0
  }

  /** `waiting` is what the destination itself still holds, in characters. */
  push(line: string, waiting = 0): void {
    if (this.length + waiting + line.length > this.maxLength) {
      this.drop()
      return
    }
    if (this.untold > 0) {
      const untold = this.untold
      this.untold = 0
      this.add(this.describeDrops(untold))
    }
    this.add(line)
  }

  /** Everything that waits, as one text, and how many lines that is; the queue is empty afterwards. */
  take(): { readonly text: string; readonly count: number } {
    const taken = { text: this.lines.join(''), count: this.lines.length }
    this.lines = []
    this.length = 0
    return taken
  }

  /** Counts lines that are lost. */
  drop(count = 1): void {
    this.dropped += count
    this.untold += count
  }

  private add(line: string): void {
    this.lines.push(line)
    this.length += line.length
  }
}
