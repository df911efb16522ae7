/** Every command of the admin server; docs/reference/admin-commands.md is generated from this table. */
import { backupCommands } from './commands/backup.ts'
import type { Command } from './commands/command.ts'
import { connectionCommands } from './commands/connections.ts'
import { ensembleCommands } from './commands/ensemble.ts'
import { logLevelCommands } from './commands/logLevel.ts'
import { serverCommands } from './commands/server.ts'

export const COMMANDS: Readonly<Record<string, Command>> = {
  ...serverCommands,
  ...connectionCommands,
  ...backupCommands,
  ...ensembleCommands,
  ...logLevelCommands,
}

export interface FoundCommand {
  /** The name by which answers call it, whichever alias was asked for. */
  readonly name: string
  readonly command: Command
}

const byName: ReadonlyMap<string, FoundCommand> = new Map(
  Object.entries(COMMANDS).flatMap(([name, command]) =>
    [name, ...command.aliases].map((alias) => [alias, { name, command }] as const),
  ),
)

export function findCommand(nameOrAlias: string): FoundCommand | undefined {
  return byName.get(nameOrAlias)
}
