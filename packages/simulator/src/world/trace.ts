/** What happened in a run, as a number: two runs of one seed must have the same. */
const PRIME = 0x01000193

export class Trace {
  events = 0
  private high = 0x811c9dc5 | 0
  private low = 0x7ee3623b | 0

  note(text: string): void {
    this.events++
    let { high, low } = this
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      high = Math.imul(high ^ unit, PRIME)
      low = Math.imul(low ^ (unit + high), PRIME)
    }
    this.high = high ^ this.events
    this.low = low
  }

  get hash(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')
    return hex(this.high) + hex(this.low)
  }
}
