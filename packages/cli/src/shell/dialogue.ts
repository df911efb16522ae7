/** Reads commands from a person at a terminal, or from a pipe. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline'
import { completionsOf } from './completion.ts'
import type { Shell } from './shell.ts'

const HISTORY_SIZE = 1000

/** Prints above the line that is being typed. */
export type Notify = (text: string) => void

/** A terminal with history and completion. `notifier` is told how to print while it reads. */
export function terminalDialogue(shell: Shell, notifier: (notify: Notify) => void): Promise<void> {
  const historyFile = join(stateFolder(), 'meerkat', 'shell_history')
  const reader = createInterface({
    input: process.stdin,
    output: process.stdout,
    history: readHistory(historyFile),
    historySize: HISTORY_SIZE,
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
      void completionsOf(line, (path) => shell.childrenOf(path)).then((result) => done(null, result))
    },
  })
  let isReading = false
  const ask = (): void => {
    reader.setPrompt(shell.prompt)
    isReading = true
    reader.prompt()
  }
  notifier((text) => {
    if (isReading) {
      clearLine(process.stdout, 0)
      cursorTo(process.stdout, 0)
    }
    console.log(text)
    if (!isReading) return
    reader.setPrompt(shell.prompt)
    reader.prompt(true)
  })
  reader.on('SIGINT', () => reader.close())
  reader.on('line', () => (isReading = false))
  reader.on('close', () => {
    if (isReading) process.stdout.write('\n')
    isReading = false
  })
  return eachLine(reader, shell, ask, (line) => appendHistory(historyFile, line))
}

/** Lines from a pipe are printed behind their prompts, so that the output reads as a dialogue (as zkCli's does). */
export function pipedDialogue(shell: Shell): Promise<void> {
  const reader = createInterface({ input: process.stdin, terminal: false })
  return eachLine(
    reader,
    shell,
    () => {},
    (line) => console.log(`${shell.prompt}${line}`),
  )
}

/** Runs the lines one after another, however fast they come. Ends with the input, or with `quit`. */
async function eachLine(
  reader: Interface,
  shell: Shell,
  ask: () => void,
  before: (line: string) => void,
): Promise<void> {
  ask()
  for await (const line of reader) {
    before(line)
    await shell.execute(line)
    if (shell.isOver) break
    ask()
  }
  reader.close()
  if (!shell.isOver) await shell.quit()
}

function stateFolder(): string {
  if (process.platform === 'win32' && process.env['LOCALAPPDATA']) return process.env['LOCALAPPDATA']
  return process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state')
}

/** The newest first, as readline keeps them. A history that cannot be read is an empty one. */
function readHistory(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines
      .filter((line) => line !== '')
      .slice(-HISTORY_SIZE)
      .reverse()
  } catch {
    return []
  }
}

/** Commands may hold passwords: the file is for its owner alone. One that cannot be written stops nobody. */
function appendHistory(file: string, line: string): void {
  if (line.trim() === '') return
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    appendFileSync(file, `${line}\n`, { mode: 0o600 })
  } catch {
    // The history of this dialogue is kept in memory all the same.
  }
}
