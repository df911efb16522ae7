export { Actor, type ActorOptions } from './clients/actor.ts'
export { drawWeights, type Weights } from './clients/requests.ts'
export { EVERYBODY, type User } from './clients/users.ts'
export { readTree } from './clients/readTree.ts'
export { Chance } from './world/chance.ts'
export {
  ClientSession,
  type Answer,
  type SessionOptions,
  type Transport,
  type TransportEvents,
} from './clients/session.ts'
export { campaign, type Campaign, type CampaignResult } from './campaign.ts'
export { GUARANTEES, describeViolation, type Guarantee, type Violation } from './history/guarantees.ts'
export { History, type Entry, type MultiPart, type Request, type Result } from './history/history.ts'
export { judge, type Evidence } from './history/judge.ts'
export { PLANTED_BUGS, type PlantedBug } from './plants.ts'
export { run, type RunOptions, type RunResult } from './run.ts'
export type { Plant } from './server.ts'
