/** `meerkat shell`: zkCli. */
import { readClientConfiguration } from '../shell/clientConfiguration.ts'
import { pipedDialogue, terminalDialogue, type Notify } from '../shell/dialogue.ts'
import { ShellError } from '../shell/errors.ts'
import { parseShellOptions, type ShellOptions } from '../shell/options.ts'
import { Shell } from '../shell/shell.ts'

/** Runs one command or a dialogue, and gives the exit code of the last command. */
export async function runShell(words: readonly string[]): Promise<number> {
  try {
    return await run(parseShellOptions(words))
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    console.error(error.message)
    return error.exitCode
  }
}

async function run(options: ShellOptions): Promise<number> {
  const { server, command, clientConfiguration } = options
  let notify: Notify = (text) => console.log(text)
  const shell = new Shell(server, {
    client: {
      sessionTimeoutMs: options.timeoutMs,
      readOnly: options.readOnly,
      ...(await readClientConfiguration(clientConfiguration, process.env)),
    },
    waitForConnection: options.waitForConnection,
    out: (text) => console.log(text),
    err: (text) => console.error(text),
    notify: (text) => notify(text),
  })
  console.log(`Connecting to ${server}`)
  await shell.connect()
  if (command.length > 0) {
    await shell.run(command)
    await shell.quit()
    return shell.exitCode
  }
  console.log('Welcome to ZooKeeper!')
  if (process.stdin.isTTY) await terminalDialogue(shell, (given) => (notify = given))
  else await pipedDialogue(shell)
  return shell.exitCode
}
