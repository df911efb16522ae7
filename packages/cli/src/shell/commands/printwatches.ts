import type { ShellCommand } from '../command.ts'

export const printwatches: ShellCommand = {
  name: 'printwatches',
  usage: 'on|off',
  summary: 'say whether events of watches are printed, or change it',
  isLocal: true,
  run(shell, args) {
    const [choice] = args.words
    if (choice === undefined) shell.out(`printwatches is ${shell.printWatches ? 'on' : 'off'}`)
    else shell.printWatches = choice === 'on'
  },
}
