import { createHash } from 'node:crypto';
import { hostname } from 'node:os';

/** Label with the edge that a container or a network belongs to. */
export const edgeLabel = 'io.edgeveil.edge';
/** Label with the name of the module that a container runs. */
export const moduleLabel = 'io.edgeveil.module';
const stateLabel = 'io.edgeveil.state-dir';

/** What tells the containers of one edge from those of others that use the same engine. */
export interface EdgeMark {
  /** Start of the names of its containers, and name of its network. */
  readonly prefix: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The filter by which the engine lists them. */
  readonly filter: { readonly label: string[] };
}

/**
 * The mark of the edge that keeps its state in a folder. It depends on nothing that could be lost, so that what a killed runtime left is found
 * even after its state was removed; the host name is in it because several containers may have the same paths and share an engine.
 */
export function edgeMark(stateDir: string): EdgeMark {
  const id = createHash('sha256').update(`${hostname()}\0${stateDir}`).digest('hex').slice(0, 10);
  return {
    prefix: `edgeveil-${id}`,
    labels: { [edgeLabel]: id, [stateLabel]: stateDir },
    filter: { label: [`${edgeLabel}=${id}`] },
  };
}
