/**
 * How long a group of transactions waits for company before it goes to the disk.
 *
 * Clients that wait for one write before the next ask again as soon as they are answered, one after another within a few
 * dozen microseconds. A group that began with the first of them would leave the others to a second sync. So a group waits
 * until as many have come as there were before, at most half as long as the last sync took: the wait costs less than the
 * sync that it saves, and nothing where no others are expected.
 */
export class GroupPatience {
  private expected = 0
  private untilMs = 0
  private turns = 0

  /** A group is durable. `gathered` transactions came meanwhile. */
  synced(sync: { transactions: number; gathered: number; tookMs: number; nowMs: number }): void {
    this.expected = sync.transactions + sync.gathered
    this.untilMs = sync.nowMs + Math.min(sync.tookMs / 2, MAX_WAIT_MS)
    this.turns = 0
  }

  /** Whether `gathered` transactions wait for one more turn of the event loop. */
  waits(gathered: number, nowMs: number): boolean {
    return gathered > 0 && gathered < this.expected && nowMs < this.untilMs && ++this.turns < MAX_TURNS
  }
}

/** However slow the disk is. */
const MAX_WAIT_MS = 1
/** However fast the event loop turns, or however still the clock stands. */
const MAX_TURNS = 100
