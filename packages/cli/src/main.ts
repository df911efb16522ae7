/**
 * The `meerkat` command. A server is started without the parser of options, which would stay in its memory for good; every
 * other form goes by the program.
 */

const [command, file, ...rest] = process.argv.slice(2)
if (command === 'server' && file !== undefined && !file.startsWith('-') && rest.length === 0) {
  const { runServer } = await import('./commands/server.ts')
  process.exitCode = await runServer(file)
} else {
  const { program } = await import('./program.ts')
  await program.parseAsync()
}
