/** The `meerkat` command. Each command's code is loaded when it is called, so that none pays for another's start. */
import { Command } from 'commander'
import { packageVersion } from './version.ts'

const program = new Command('meerkat')
  .description('Meerkat: a coordination server for every ZooKeeper client, and its tools.')
  .version(packageVersion())
  .enablePositionalOptions()
  .showHelpAfterError()

program
  .command('shell')
  .description('talk to any ZooKeeper server, as zkCli does: meerkat shell [-server host:port] [command...]')
  .usage('[-server host:port,...] [-timeout ms] [-r] [-waitforconnection] [-client-configuration FILE] [command...]')
  .helpOption('--help', 'say how it is used; the command "help" says what it can do')
  .argument('[words...]', 'options and a command; without a command, a dialogue')
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (words: string[]) => {
    const { runShell } = await import('./commands/shell.ts')
    process.exitCode = await runShell(words)
  })

program
  .command('server')
  .description('run one server from a standard zoo.cfg, in the foreground')
  .argument('<file>', 'the configuration, as for Apache ZooKeeper')
  .action(async (file: string) => {
    const { runServer } = await import('./commands/server.ts')
    await runServer(file)
  })

await program.parseAsync()
