/**
 * The options of a command, read as Apache Commons CLI reads them for zkCli: options anywhere among the words, several
 * short ones in one word (`-sw`), a value in the next word, `--` before words that begin with a dash. The messages are
 * its messages too.
 */
import { ShellError } from './errors.ts'

export interface OptionDeclaration {
  readonly text: string
  readonly takesValue?: boolean
}

export type OptionTable = Readonly<Record<string, OptionDeclaration>>

export class Arguments {
  /** The words that are no options, without the command itself. */
  readonly words: string[] = []
  private readonly values = new Map<string, string>()

  constructor(words: readonly string[], options: OptionTable) {
    let pending: string | undefined
    let isOver = false
    const take = (name: string): void => {
      if (options[name]?.takesValue) pending = name
      else this.values.set(name, '')
    }
    for (const word of words) {
      if (pending !== undefined && isValue(word, options)) {
        this.values.set(pending, word)
        pending = undefined
      } else if (isOver || !word.startsWith('-') || word === '-') {
        this.words.push(word)
      } else if (pending !== undefined) {
        break
      } else if (word === '--') {
        isOver = true
      } else if (Object.hasOwn(options, word.slice(1))) {
        take(word.slice(1))
      } else {
        pending = this.takeSeveral(word, options, take)
      }
    }
    if (pending !== undefined) refuse('MissingArgumentException', `Missing argument for option: ${pending}`)
  }

  /** `-sw`, or `-v5`: an option with a value takes the rest of the word. */
  private takeSeveral(word: string, options: OptionTable, take: (name: string) => void): string | undefined {
    for (let i = 1; i < word.length; i++) {
      const name = word.charAt(i)
      if (!Object.hasOwn(options, name)) refuse('UnrecognizedOptionException', `Unrecognized option: ${word}`)
      if (!options[name]?.takesValue) {
        take(name)
        continue
      }
      const rest = word.slice(i + 1).replace(/^=/, '')
      if (rest === '') return name
      this.values.set(name, rest)
      return undefined
    }
    return undefined
  }

  has(name: string): boolean {
    return this.values.has(name)
  }

  value(name: string): string | undefined {
    return this.values.get(name)
  }

  /** The options that are there, in the order given. */
  get given(): string[] {
    return [...this.values.keys()]
  }

  /** An option's value as a number; `otherwise` where the option is not given. */
  integer(name: string, otherwise: number, kind: 'an int' | 'a long' = 'an int'): number {
    const text = this.values.get(name)
    if (text === undefined) return otherwise
    const number = Number(text)
    if (!/^[-+]?\d+$/.test(text) || !Number.isSafeInteger(number)) {
      throw new ShellError(`-${name} argument must be ${kind} value`)
    }
    return number
  }
}

/** Refuses arguments with the words of Commons CLI. */
export function refuse(exception: string, message: string): never {
  throw new ShellError(`org.apache.commons.cli.${exception}: ${message}`)
}

/** For options of which a command takes one. */
export function refuseSecond(first: string, second: string): never {
  refuse(
    'AlreadySelectedException',
    `The option '${second}' was specified but an option from this group has already been selected: '${first}'`,
  )
}

/** Whether the word after an option is its value: anything that is not an option itself, and negative numbers. */
function isValue(word: string, options: OptionTable): boolean {
  if (!word.startsWith('-') || word.length === 1 || !Number.isNaN(Number(word))) return true
  return word !== '--' && !Object.hasOwn(options, word.slice(1)) && !Object.hasOwn(options, word.charAt(1))
}
