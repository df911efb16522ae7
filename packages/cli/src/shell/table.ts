/** The commands of the shell: one table, from which the help, the completion and the dispatch come. */
import type { ShellCommand } from './command.ts'
import { usageOf } from './command.ts'
import { addauth } from './commands/addauth.ts'
import { addWatch } from './commands/addWatch.ts'
import { close } from './commands/close.ts'
import { config } from './commands/config.ts'
import { connect } from './commands/connect.ts'
import { create } from './commands/create.ts'
import { deleteCommand } from './commands/delete.ts'
import { deleteall } from './commands/deleteall.ts'
import { delquota } from './commands/delquota.ts'
import { get } from './commands/get.ts'
import { getAcl } from './commands/getAcl.ts'
import { getAllChildrenNumber } from './commands/getAllChildrenNumber.ts'
import { getEphemerals } from './commands/getEphemerals.ts'
import { history } from './commands/history.ts'
import { listquota } from './commands/listquota.ts'
import { ls } from './commands/ls.ts'
import { printwatches } from './commands/printwatches.ts'
import { quit } from './commands/quit.ts'
import { reconfig } from './commands/reconfig.ts'
import { redo } from './commands/redo.ts'
import { removewatches } from './commands/removewatches.ts'
import { set } from './commands/set.ts'
import { setAcl } from './commands/setAcl.ts'
import { setquota } from './commands/setquota.ts'
import { stat } from './commands/stat.ts'
import { sync } from './commands/sync.ts'
import { version } from './commands/version.ts'
import { whoami } from './commands/whoami.ts'
import { ShellError } from './errors.ts'

const help: ShellCommand = {
  name: 'help',
  usage: '[command]',
  summary: 'print all commands, or what one does',
  isLocal: true,
  run(shell, args) {
    const [name] = args.words
    if (name === undefined) return shell.out(overview())
    const command = commandNamed(name)
    shell.out(`${usageOf({ ...command, explainsOptions: true }).trimEnd()}\n${command.summary}`)
  },
}

export const COMMANDS: readonly ShellCommand[] = [
  addWatch,
  addauth,
  close,
  config,
  connect,
  create,
  deleteCommand,
  deleteall,
  delquota,
  get,
  getAcl,
  getAllChildrenNumber,
  getEphemerals,
  help,
  history,
  listquota,
  ls,
  printwatches,
  quit,
  reconfig,
  redo,
  removewatches,
  set,
  setAcl,
  setquota,
  stat,
  sync,
  version,
  whoami,
]

const byName = new Map(COMMANDS.map((command) => [command.name, command]))

/** As zkCli's: exit code 127 for a command that nobody knows. */
export function commandNamed(name: string): ShellCommand {
  const command = byName.get(name)
  if (command === undefined) throw new ShellError(`Command not found: Command not found ${name}`, 127)
  return command
}

export function isCommand(name: string): boolean {
  return byName.has(name)
}

/** How the shell is started, and every command with its usage. */
export function overview(): string {
  const lines = COMMANDS.map(({ name, usage }) => `\t${name} ${usage}`)
  return ['ZooKeeper -server host:port -client-configuration properties-file cmd args', ...lines].join('\n')
}
