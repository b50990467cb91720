import { join } from 'node:path';
import { IMAGE, type Containerd } from './containerd.ts';
import { GrpcClient } from './grpc.ts';
import type { Field, Message } from './protobuf.ts';

/** NamespaceMode.NODE: without it a pod wants a network plugin. */
const NODE = 2;

/** What a container is made with; fields of the CRI's ContainerConfig besides. */
export interface ContainerWish {
  readonly command: readonly string[];
  readonly fields?: readonly Field[];
  /** Of LinuxContainerResources. */
  readonly resources?: readonly Field[];
  /** Of LinuxContainerSecurityContext. */
  readonly security?: readonly Field[];
}

/** A pod through containerd's CRI (k8s.io/cri-api, runtime/v1/api.proto, whose field numbers these are). */
export class Pod {
  readonly #client: GrpcClient;
  readonly #config: readonly Field[];
  #count = 0;
  #id = '';

  private constructor(containerd: Containerd, name: string) {
    this.#client = new GrpcClient(containerd.socket);
    const metadata: Field = [
      1,
      [
        [1, name],
        [2, `uid-${name}`],
        [3, 'default'],
      ],
    ];
    const security: Field = [2, [[1, [[1, NODE]]]]];
    const linux: Field = [8, [[1, `/${containerd.namespace}`], security]];
    this.#config = [metadata, [3, join(containerd.folder, 'logs')], linux];
  }

  static async run(containerd: Containerd, name: string): Promise<Pod> {
    const pod = new Pod(containerd, name);
    pod.#id = (await pod.call('RunPodSandbox', [[1, pod.#config]])).text(1);
    return pod;
  }

  call(method: string, request: readonly Field[]): Promise<Message> {
    return this.#client.call(`/runtime.v1.RuntimeService/${method}`, request);
  }

  /** A container that has begun; its id. */
  async start({ command, fields = [], resources = [], security = [] }: ContainerWish): Promise<string> {
    const name = `c${++this.#count}`;
    const config: readonly Field[] = [
      [1, [[1, name]]],
      [2, [[1, IMAGE]]],
      ...command.map((word): Field => [3, word]),
      [11, `${name}.log`],
      ...fields,
      [
        15,
        [
          [1, resources],
          [2, [[3, [[1, NODE]]], ...security]],
        ],
      ],
    ];
    const id = (
      await this.call('CreateContainer', [
        [1, this.#id],
        [2, config],
        [3, this.#config],
      ])
    ).text(1);
    await this.call('StartContainer', [[1, id]]);
    return id;
  }

  /** ContainerStatus: 3 is the state (1 running, 2 ended), 7 the exit code, 10 the reason. */
  async status(id: string): Promise<Message> {
    return (await this.call('ContainerStatus', [[1, id]])).message(1);
  }

  async exec(id: string, ...command: readonly string[]): Promise<readonly [number, string, string]> {
    const answer = await this.call('ExecSync', [
      [1, id],
      ...command.map((word): Field => [2, word]),
      [3, 20],
    ]);
    return [answer.number(3), answer.text(1), answer.text(2)];
  }

  async stop(id: string, seconds: number): Promise<void> {
    await this.call('StopContainer', [
      [1, id],
      [2, seconds],
    ]);
  }

  async end(): Promise<void> {
    await this.call('StopPodSandbox', [[1, this.#id]]);
    await this.call('RemovePodSandbox', [[1, this.#id]]);
    this.#client.close();
  }
}
