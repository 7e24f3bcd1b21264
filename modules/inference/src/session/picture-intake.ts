import { fillTensor, type ModelPackage, type TensorValues } from '@edgeveil/vision';
import { valuesFor, valuesPerPicture } from './model-ports.ts';
import { takesPixels } from './pixel-graph.ts';

/** Makes the values of a graph's input out of pictures that lie in memory as RGB bytes, padded to its size. */
export class PictureIntake {
  readonly #input: ModelPackage['input'];
  readonly #isPlain: boolean;
  /** Values of the largest batch so far; each run uses its beginning. */
  #values: TensorValues;

  constructor(input: ModelPackage['input']) {
    this.#input = input;
    this.#isPlain = takesPixels(input);
    this.#values = valuesFor(input, 0);
  }

  /** Valid until the next call. Places of the batch without a picture hold anything. */
  values(pictures: readonly Uint8Array[], batch: number): TensorValues {
    const each = valuesPerPicture(this.#input);
    const [only] = pictures;
    if (this.#isPlain && batch === 1 && only !== undefined) {
      // The runtime reads the shared memory itself.
      return only;
    }
    if (this.#values.length < batch * each) {
      this.#values = valuesFor(this.#input, batch);
    }
    for (const [index, picture] of pictures.entries()) {
      this.#put(this.#values.subarray(index * each, (index + 1) * each), picture);
    }
    return this.#values.subarray(0, batch * each);
  }

  #put(target: TensorValues, data: Uint8Array): void {
    if (this.#isPlain) {
      target.set(data);
      return;
    }
    const { width, height } = this.#input;
    // The padding is there already, and becomes what its grey becomes.
    const plan = { original: this.#input, input: this.#input, content: { x: 0, y: 0, width, height } };
    fillTensor(target, { data, width, height }, plan, this.#input);
  }
}
