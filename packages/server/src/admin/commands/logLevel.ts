import { isLogLevel, LOG_LEVELS } from '../../logging/levels.ts'
import type { AdminContext, Command, CommandResult, Fields } from './command.ts'

/** Meerkat's own: levels of the log while the server runs. */
export const logLevelCommands = {
  log_level: {
    aliases: [],
    help: 'The least level of log lines. POST `?level=debug` sets it, POST `?level=debug&component=admin` that of one component, POST `?level=default&component=admin` forgets the latter.',
    needsServing: false,
    protected: 'to post',
    own: true,
    get: (context) => ({ fields: levels(context) }),
    post: (context, { query }) => setLevel(context, query),
  },
} as const satisfies Record<string, Command>

function levels({ logging }: AdminContext): Fields {
  return { level: logging.level, components: Object.fromEntries(logging.componentLevels) }
}

function setLevel(context: AdminContext, query: URLSearchParams): CommandResult {
  const { logging } = context
  const level = query.get('level') ?? ''
  const component = query.get('component')
  if (component !== null && level === 'default') logging.forgetLevel(component)
  else if (!isLogLevel(level)) return failure(`level is ${JSON.stringify(level)}; give one of ${LOG_LEVELS.join(', ')}`)
  else if (component === null) logging.setLevel(level)
  else if (!logging.setComponentLevel(component, level)) return failure('too many components have a level of their own')
  logging.logger('admin').warn('the level of the log was changed', { level, ...(component !== null && { component }) })
  return { fields: levels(context) }
}

function failure(error: string): CommandResult {
  return { status: 400, fields: { error } }
}
