import { ChannelsError } from "../errors.ts";
import type { ChannelLayer } from "./channel-layer.ts";
import { checkAlias } from "./names.ts";

/** Layers by alias. Most programs use the process's own, through `registerLayer` and `getLayer`. */
export class LayerRegistry {
  readonly #layers = new Map<string, ChannelLayer>();

  /** @throws LayerTaken when the alias is in use; InvalidName. */
  register(alias: string, layer: ChannelLayer): void {
    checkAlias(alias);
    if (this.#layers.has(alias)) throw new ChannelsError("LayerTaken", { alias });
    this.#layers.set(alias, layer);
  }

  /** @throws UnknownLayer, which says which aliases are registered. */
  get(alias = "default"): ChannelLayer {
    const layer = this.#layers.get(alias);
    if (layer === undefined) throw new ChannelsError("UnknownLayer", { alias, registered: this.aliases() });
    return layer;
  }

  /** Takes an alias back without closing its layer, which is returned if there was one. */
  unregister(alias: string): ChannelLayer | undefined {
    const layer = this.#layers.get(alias);
    this.#layers.delete(alias);
    return layer;
  }

  aliases(): readonly string[] {
    return [...this.#layers.keys()];
  }

  /**
   * Takes all aliases back and closes their layers, each once and each whatever becomes of the others.
   * @throws AggregateError of the failures, after all are done.
   */
  async close(): Promise<void> {
    const layers = new Set(this.#layers.values());
    this.#layers.clear();
    const results = await Promise.allSettled([...layers].map((layer) => layer.close()));
    const failures = results.filter((result) => result.status === "rejected").map((result) => result.reason as unknown);
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${layers.size} layers did not close`);
  }
}

const processRegistry = new LayerRegistry();

/**
 * Makes a layer known in this process. Do it once, at start.
 * @throws LayerTaken when the alias is in use; InvalidName.
 */
export function registerLayer(alias: string, layer: ChannelLayer): void {
  processRegistry.register(alias, layer);
}

/** @throws UnknownLayer, which says which aliases are registered. */
export function getLayer(alias = "default"): ChannelLayer {
  return processRegistry.get(alias);
}

/** Takes an alias back without closing its layer, which is returned if there was one. */
export function unregisterLayer(alias: string): ChannelLayer | undefined {
  return processRegistry.unregister(alias);
}

/** Takes all aliases back and closes their layers. */
export async function closeLayers(): Promise<void> {
  await processRegistry.close();
}

/** The registry behind `registerLayer` and `getLayer`, for what takes a registry. */
export function getLayerRegistry(): LayerRegistry {
  return processRegistry;
}
