import { loadConfiguration } from '../../src/configuration/load.ts'
import type { ConfigurationInput, LoadedConfiguration } from '../../src/configuration/load.ts'
import { ConfigurationError, describe } from '../../src/configuration/problems.ts'

/** A zoo.cfg that starts; what a test is about is put behind it. */
export const minimal = 'dataDir=/data\nclientPort=2181\n'

export function load(text: string, input: Partial<ConfigurationInput> = {}): LoadedConfiguration {
  const readFile = (path: string) => {
    throw new Error(`no file ${path}`)
  }
  return loadConfiguration({ file: 'zoo.cfg', text, environment: {}, readFile, ...input })
}

/** The lines of the refusal, or none if the configuration is accepted. */
export function problemsOf(text: string, input: Partial<ConfigurationInput> = {}): string[] {
  try {
    load(text, input)
    return []
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.split('\n')
    throw error
  }
}

export function noticesOf(text: string, input: Partial<ConfigurationInput> = {}): string[] {
  return load(text, input).notices.map((notice) => `${notice.level} ${describe(notice)}`)
}
