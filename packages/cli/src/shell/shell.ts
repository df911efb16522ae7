/** The shell: a session, a history, and the commands of the table run one after another. */
import { ZooKeeper, ZooKeeperError, type SessionState, type Watcher, type ZooKeeperOptions } from '@meerkat/client'
import { Arguments } from './arguments.ts'
import { misused, type ShellControl } from './command.ts'
import { problemOf, ShellError } from './errors.ts'
import { stateEvent, watchedEvent } from './format.ts'
import { commandNamed, isCommand, overview } from './table.ts'
import { wordsOf } from './words.ts'

export interface ShellSetup {
  /** What a session is opened with, besides its servers. */
  readonly client: Omit<ZooKeeperOptions, 'servers'>
  readonly waitForConnection: boolean
  out(text: string): void
  err(text: string): void
  /** Prints what nobody asked for: events, which may come in the middle of a line that somebody types. */
  notify(text: string): void
}

/** The events and the prompt's word of each state, in Java's terms. */
const EVENTS: Partial<Record<SessionState, string>> = {
  connected: 'SyncConnected',
  connectedReadOnly: 'ConnectedReadOnly',
  saslAuthenticated: 'SaslAuthenticated',
  disconnected: 'Disconnected',
  authFailed: 'AuthFailed',
  expired: 'Expired',
  closed: 'Closed',
}
const PROMPT_STATES: Record<SessionState, string> = {
  connecting: 'CONNECTING',
  disconnected: 'CONNECTING',
  connected: 'CONNECTED',
  saslAuthenticated: 'CONNECTED',
  connectedReadOnly: 'CONNECTEDREADONLY',
  authFailed: 'AUTH_FAILED',
  expired: 'CLOSED',
  closed: 'CLOSED',
}
/** What `history` and `redo` reach back to. */
const MAX_HISTORY = 10_000

export class Shell implements ShellControl {
  printWatches = true
  commandCount = 0
  /** That of the last command. */
  exitCode = 0
  isOver = false
  readonly history = new Map<number, string>()
  readonly watcher: Watcher = (event) => this.notify(watchedEvent(event))
  private readonly setup: ShellSetup
  private servers: string
  private session: ZooKeeper | undefined

  constructor(servers: string, setup: ShellSetup) {
    this.servers = servers
    this.setup = setup
  }

  get prompt(): string {
    return `[zk: ${this.servers}(${PROMPT_STATES[this.session?.state ?? 'connecting']}) ${this.commandCount}] `
  }

  get client(): ZooKeeper {
    if (this.session === undefined || !isAlive(this.session)) throw new ShellError('Not connected', 0)
    return this.session
  }

  out(text: string): void {
    this.setup.out(text)
  }

  err(text: string): void {
    this.setup.err(text)
  }

  async connect(servers = this.servers): Promise<void> {
    if (this.session !== undefined && isAlive(this.session)) await this.session.close()
    this.servers = servers
    const session = ZooKeeper.open({ ...this.setup.client, servers })
    this.session = session
    let wasConnected = false
    session.on('state', (state) => {
      // Before the first connection, servers that cannot be reached are nothing that a watch would tell.
      if (state === 'connecting' || (state === 'disconnected' && !wasConnected)) return
      wasConnected = state !== 'disconnected'
      const event = EVENTS[state]
      if (event !== undefined) this.notify(stateEvent(event))
    })
    if (this.setup.waitForConnection) await this.untilConnected(session)
  }

  private async untilConnected(session: ZooKeeper): Promise<void> {
    const timeoutMs = this.setup.client.sessionTimeoutMs ?? 0
    try {
      await session.connected(timeoutMs)
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error
      throw new ShellError(`cannot connect to ${this.servers} within ${timeoutMs} ms: ${error.message}`)
    }
  }

  /** Runs a line, unless it is empty, and keeps it in the history. */
  async execute(line: string): Promise<void> {
    const words = wordsOf(line)
    if (words.length === 0) return
    this.history.set(this.commandCount, line)
    this.history.delete(this.commandCount - MAX_HISTORY)
    await this.run(words)
    this.commandCount++
  }

  /** Runs a command; what goes wrong is printed, and told by `exitCode`. */
  async run(words: readonly string[]): Promise<void> {
    try {
      await this.runCommand(words)
      this.exitCode = 0
    } catch (error) {
      const problem = problemOf(error)
      this.exitCode = problem.exitCode
      this.err(problem.message)
    }
  }

  private async runCommand([name = '', ...words]: readonly string[]): Promise<void> {
    if (!isCommand(name)) this.err(overview())
    const command = commandNamed(name)
    if (!command.isLocal && (this.session === undefined || !isAlive(this.session))) return this.out('Not connected')
    const args = new Arguments(words, command.options ?? {})
    if (args.words.length < (command.words ?? 0)) throw misused(command)
    await command.run(this, args)
  }

  async redo(line: string): Promise<void> {
    this.history.set(this.commandCount, line)
    await this.runCommand(wordsOf(line))
  }

  async quit(): Promise<void> {
    this.isOver = true
    this.printWatches = false
    await this.session?.close()
  }

  /** The names below `path` for completion: none where they cannot be asked for. */
  async childrenOf(path: string): Promise<readonly string[]> {
    if (this.session === undefined || !this.session.isConnected) return []
    return this.session.getChildren(path).catch(() => [])
  }

  private notify(event: string): void {
    if (this.printWatches) this.setup.notify(`\nWATCHER::\n\n${event}`)
  }
}

function isAlive({ state }: ZooKeeper): boolean {
  return state !== 'closed' && state !== 'expired' && state !== 'authFailed'
}
