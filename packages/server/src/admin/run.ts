import type { AdminCredentials } from '../status.ts'
import { COMMANDS, findCommand } from './commands.ts'
import type { FoundCommand } from './commands.ts'
import type { AdminContext, CommandRequest, CommandResult } from './commands/command.ts'
import type { Json } from './json.ts'

export interface AdminRequest extends CommandRequest {
  readonly method: 'GET' | 'POST'
  /** What follows the command URL and a slash. */
  readonly name: string
  /** Undefined without the header `Authorization`. */
  readonly credentials: AdminCredentials | undefined
}

export interface AdminResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly json: Json } | { readonly file: string }
}

/**
 * Runs a command as Apache's Commands.runCommand does: unknown commands and a server that does not serve are answers
 * with status 200 and an error text; then come credentials, then the command.
 */
export async function runCommand(context: AdminContext, request: AdminRequest): Promise<AdminResponse> {
  const found = findCommand(request.name)
  if (found === undefined) return failure(200, request.name, `Unknown command: ${request.name}`)
  const { command } = found
  if (command.needsServing && !context.status.isServing()) {
    return failure(200, request.name, 'This ZooKeeper instance is not currently serving requests')
  }
  const denied = denialOf(context, request, found)
  if (denied !== undefined) return denied
  const run = request.method === 'GET' ? command.get : command.post
  if (run === undefined) {
    const method = request.method === 'GET' ? 'POST' : 'GET'
    return { ...failure(405, request.name, `Use ${method} for this command`), headers: { Allow: method } }
  }
  return responseOf(found.name, await run(context, request))
}

function denialOf(context: AdminContext, request: AdminRequest, { command }: FoundCommand): AdminResponse | undefined {
  if (command.protected === 'no' || (command.protected === 'to post' && request.method === 'GET')) return undefined
  if (request.credentials === undefined) return failure(401, request.name, 'Auth info is missing for the command')
  switch (context.status.authorize(request.credentials)) {
    case 'permitted':
      return undefined
    case 'not authenticated':
      return failure(401, request.name, 'Not authenticated')
    case 'not authorized':
      return failure(403, request.name, 'Not authorized')
  }
}

function failure(status: number, command: string, error: string): AdminResponse {
  return { status, headers: {}, body: { json: { command, error } } }
}

/** The fields come first, then `command` and `error`; a command's own error stays where it is among its fields. */
function responseOf(command: string, { status = 200, fields = {}, headers = {}, file }: CommandResult): AdminResponse {
  if (file !== undefined) return { status, headers, body: { file } }
  const error = 'error' in fields ? {} : { error: null }
  return { status, headers, body: { json: { ...fields, command, ...error } } }
}

/** The page of links to every command, in the order of their names. */
export function commandLinks(commandUrl: string): string {
  const names = Object.keys(COMMANDS).sort()
  return names.map((name) => `<a href="${commandUrl}/${name}">${name}</a>\n<br/>\n`).join('')
}
