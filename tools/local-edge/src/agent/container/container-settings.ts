/** How modules run as containers. */
export interface ContainerSettings {
  /**
   * Where the Docker engine listens, as DOCKER_HOST has it: `unix:///run/user/1000/docker.sock`, `tcp://127.0.0.1:2375`. By default the
   * DOCKER_HOST of the environment that the edge was given, else Docker's own socket.
   */
  readonly host?: string;
  /**
   * Pull images as edgeAgent does: each module's, at the start, except those whose `imagePullPolicy` is `never`. What cannot be pulled and is
   * there is used as it is. Otherwise nothing is ever pulled, and an image that is missing is an error.
   */
  readonly pull?: boolean;
  /**
   * `bridge`, the default: a network of this edge's own, or the machine's where the engine cannot make one. `host`: the machine's, so that
   * modules share its ports.
   */
  readonly network?: 'bridge' | 'host';
}
