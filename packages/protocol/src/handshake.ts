/** The first frame of a connection and its answer, in the old form (no readOnly byte) and the new one. */
import { Output, type Input } from './jute.ts'
import type { Bytes } from './bytes.ts'
import { ConnectRequest, ConnectResponse } from './records.ts'

export interface ConnectRequestFrame extends ConnectRequest {
  /** Undefined in the old form, which clients up to 3.3 send. */
  readOnly: boolean | undefined
}

export interface ConnectResponseFrame extends ConnectResponse {
  readOnly: boolean | undefined
}

export function readConnectRequest(input: Input): ConnectRequestFrame {
  return { ...ConnectRequest.read(input), readOnly: optionalByte(input) }
}

export function readConnectResponse(input: Input): ConnectResponseFrame {
  return { ...ConnectResponse.read(input), readOnly: optionalByte(input) }
}

function optionalByte(input: Input): boolean | undefined {
  return input.remaining > 0 ? input.boolean() : undefined
}

/** With its length in front. */
export function writeConnectRequest(output: Output, request: ConnectRequestFrame): void {
  const frame = beginFrame(output)
  ConnectRequest.write(output, request)
  if (request.readOnly !== undefined) output.boolean(request.readOnly)
  endFrame(output, frame)
}

/** With its length in front. */
export function writeConnectResponse(output: Output, response: ConnectResponseFrame): void {
  const frame = beginFrame(output)
  ConnectResponse.write(output, response)
  if (response.readOnly !== undefined) output.boolean(response.readOnly)
  endFrame(output, frame)
}

/** Leaves room for a frame's length; `endFrame` fills it in. */
export function beginFrame(output: Output): number {
  return output.reserve(4)
}

export function endFrame(output: Output, frame: number): void {
  output.view.setInt32(frame, output.length - frame - 4)
}

/** A request with its header and length in front. */
export function frameOf(write: (output: Output) => void): Bytes {
  const output = new Output()
  const frame = beginFrame(output)
  write(output)
  endFrame(output, frame)
  return output.written()
}
