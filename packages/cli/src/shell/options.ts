/** The options with which the shell is started: those of org.apache.zookeeper.ZooKeeperMain. */
import { ShellError } from './errors.ts'

export interface ShellOptions {
  readonly server: string
  readonly timeoutMs: number
  readonly readOnly: boolean
  readonly waitForConnection: boolean
  readonly clientConfiguration: string | undefined
  /** The command to run instead of a dialogue, word by word. */
  readonly command: readonly string[]
}

const VALUE_OPTIONS = ['-server', '-timeout', '-client-configuration']
const FLAGS = ['-r', '-waitforconnection']

/** The first word that is no option begins the command. */
export function parseShellOptions(words: readonly string[]): ShellOptions {
  const values = new Map<string, string>()
  let at = 0
  for (; words[at]?.startsWith('-'); at++) {
    const option = words[at] as string
    if (FLAGS.includes(option)) {
      values.set(option, '')
      continue
    }
    if (!VALUE_OPTIONS.includes(option)) {
      throw new ShellError(`Unknown option ${option}: use ${[...VALUE_OPTIONS, ...FLAGS].join(', ')}, or a command`, 2)
    }
    const value = words[++at]
    if (value === undefined) throw new ShellError(`Error: no argument found for option ${option}`, 2)
    values.set(option, value)
  }
  return {
    server: values.get('-server') ?? 'localhost:2181',
    timeoutMs: timeoutOf(values.get('-timeout') ?? '30000'),
    readOnly: values.has('-r'),
    waitForConnection: values.has('-waitforconnection'),
    clientConfiguration: values.get('-client-configuration'),
    command: words.slice(at),
  }
}

function timeoutOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new ShellError(`-timeout takes milliseconds, and "${text}" is no number`, 2)
  return Number(text)
}
