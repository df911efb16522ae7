import type { Watcher, ZooKeeper } from '@meerkat/client'
import type { Arguments, OptionTable } from './arguments.ts'
import { ShellError } from './errors.ts'

/** What a command may use of the shell. */
export interface ShellContext {
  /** Throws where the session was closed. */
  readonly client: ZooKeeper
  /** The watcher that prints; one for all watches, so that an event is printed once. */
  readonly watcher: Watcher
  out(text: string): void
  err(text: string): void
}

/** What a command that is about the shell itself may use besides. */
export interface ShellControl extends ShellContext {
  printWatches: boolean
  readonly history: ReadonlyMap<number, string>
  readonly commandCount: number
  /** Connects to `servers`, or again to the ones before. */
  connect(servers?: string): Promise<void>
  /** Runs a line of the history again, as the line that is being run. */
  redo(line: string): Promise<void>
  /** Ends the shell after this command. */
  quit(): Promise<void>
}

export interface ShellCommand {
  readonly name: string
  /** What may follow the name, in zkCli's words. */
  readonly usage: string
  /** One line for `help NAME`. */
  readonly summary: string
  readonly options?: OptionTable
  /** Whether zkCli explains the options under the usage. */
  readonly explainsOptions?: boolean
  /** How many words must follow. */
  readonly words?: number
  /** Whether it works without a session. */
  readonly isLocal?: boolean
  run(shell: ShellControl, args: Arguments): Promise<void> | void
}

/** The usage of a command, and its options where zkCli prints them. */
export function usageOf({ name, usage, options, explainsOptions }: ShellCommand): string {
  const line = `${name} ${usage}`
  return explainsOptions && options !== undefined ? `${line}\n${optionLines(options)}\n` : line
}

/** The options in columns, sorted by name. */
export function optionLines(options: OptionTable): string {
  const rows = Object.entries(options)
    .map(([name, { text, takesValue }]) => ({ flag: ` -${name}${takesValue ? ' <arg>' : ''}`, text }))
    .sort((a, b) => (a.flag.toLowerCase() < b.flag.toLowerCase() ? -1 : 1))
  const width = Math.max(...rows.map(({ flag }) => flag.length)) + 3
  return rows.map(({ flag, text }) => `${flag.padEnd(width)}${text}`).join('\n')
}

/** The answer to words that are missing or too many. */
export function misused(command: ShellCommand): ShellError {
  return new ShellError(usageOf(command))
}

/** The word at `index`, whose presence `words` of the command has made sure. */
export function wordAt(args: Arguments, index: number): string {
  return args.words[index] ?? ''
}

/** `get path true`, the form of older versions: any further word meant a watch. */
export function wantsWatch(shell: ShellContext, args: Arguments, deprecated: string, advised: string): boolean {
  if (args.words.length > 1) shell.err(`'${deprecated}' has been deprecated. Please use '${advised}' instead.`)
  return args.has('w') || args.words.length > 1
}
