/** The commands of `meerkat` and their options. Each command's code is loaded when it is called. */
import { Command } from 'commander'
import type { BenchArguments } from './commands/bench.ts'
import type { FileCommandOptions } from './commands/files.ts'
import { packageVersion } from './version.ts'

// Whoever reads the output may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

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
  .command('start')
  .description('run a server on this machine, with nothing to configure')
  .option('--port <n>', 'the port on 127.0.0.1', '2181')
  .option('--data <folder>', 'where the data is', './data')
  .action(async ({ port, data }: { port: string; data: string }) => {
    const { runStart } = await import('./commands/start.ts')
    process.exitCode = await runStart({ port, data })
  })

program
  .command('server')
  .description('run one server in the foreground, from a zoo.cfg as Apache ZooKeeper has it')
  .argument('<file>', 'the configuration')
  .action(async (file: string) => {
    const { runServer } = await import('./commands/server.ts')
    process.exitCode = await runServer(file)
  })

program
  .command('bench')
  .description('measure any ZooKeeper server: operations a second and latencies')
  .option('--hosts <list>', 'host:port, several with commas between them', '127.0.0.1:2181')
  .option('--clients <n>', 'connections', '8')
  .option('--depth <n>', 'requests that each connection keeps outstanding', '64')
  .option('--op <name>', 'create, set, get, exists, children, mixed or create-delete; several with commas', 'get')
  .option('--size <bytes>', 'data of a znode', '128')
  .option('--keys <n>', 'znodes that are read or changed', '1000')
  .option('--seconds <n>', 'how long to measure', '5')
  .option('--warm <n>', 'how many seconds to warm up before', '1')
  .option('--json', 'one JSON object a line instead of a table')
  .action(async (options: BenchArguments) => {
    const { runBench } = await import('./commands/bench.ts')
    process.exitCode = await runBench(options)
  })

program
  .command('log')
  .description('print a transaction log of Apache ZooKeeper or Meerkat, and check it')
  .argument('<file>', 'for example data/version-2/log.1')
  .option('-d, --data', 'print the data of znodes too')
  .option('--json', 'one JSON object a transaction and line')
  .option('--check', 'print nothing of what is sound; exit code 1 for a damaged file')
  .action(async (file: string, options: FileCommandOptions) => {
    const [{ runFileCommand }, { printLog }] = await Promise.all([
      import('./commands/files.ts'),
      import('./commands/log.ts'),
    ])
    process.exitCode = await runFileCommand(file, options, printLog)
  })

program
  .command('snapshot')
  .description('print a snapshot of Apache ZooKeeper or Meerkat, and check it')
  .argument('<file>', 'for example data/version-2/snapshot.1a2b, also .gz and .snappy')
  .option('-d, --data', 'print the data of znodes too, in base64')
  .option('--json', 'one JSON object a znode and line')
  .option('--check', 'print nothing of what is sound; exit code 1 for a damaged file')
  .action(async (file: string, options: FileCommandOptions) => {
    const [{ runFileCommand }, { printSnapshot }] = await Promise.all([
      import('./commands/files.ts'),
      import('./commands/snapshot.ts'),
    ])
    process.exitCode = await runFileCommand(file, options, printSnapshot)
  })

export { program }
