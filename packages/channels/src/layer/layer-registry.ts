import { ChannelsError } from "../errors.ts";
import type { ChannelLayer } from "./channel-layer.ts";
import { checkAlias } from "./names.ts";

/** Layers by alias. Most programs use the process's registry, through `registerLayer` and `getLayer`. */
export class LayerRegistry {
  readonly #layers = new Map<string, ChannelLayer>();

  /**
   * Registers a layer under an alias.
   * @throws LayerTaken when the alias is in use; InvalidName.
   */
  register(alias: string, layer: ChannelLayer): void {
    checkAlias(alias);
    if (this.#layers.has(alias)) throw new ChannelsError("LayerTaken", { alias });
    this.#layers.set(alias, layer);
  }

  /**
   * Returns the layer with this alias.
   * @throws UnknownLayer, which lists the registered aliases.
   */
  get(alias = "default"): ChannelLayer {
    const layer = this.#layers.get(alias);
    if (layer === undefined) throw new ChannelsError("UnknownLayer", { alias, registered: this.aliases() });
    return layer;
  }

  /** Removes an alias and returns its layer, if there was one, without closing it. */
  unregister(alias: string): ChannelLayer | undefined {
    const layer = this.#layers.get(alias);
    this.#layers.delete(alias);
    return layer;
  }

  aliases(): readonly string[] {
    return [...this.#layers.keys()];
  }

  /**
   * Removes all aliases and closes every layer once, even when closing another one fails.
   * @throws AggregateError of the failures, after all layers are done.
   */
  async close(): Promise<void> {
    const layers = new Set(this.#layers.values());
    this.#layers.clear();
    const results = await Promise.allSettled([...layers].map((layer) => layer.close()));
    const failures = results.filter((result) => result.status === "rejected").map((result) => result.reason as unknown);
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${layers.size} layers failed to close`);
  }
}

const processRegistry = new LayerRegistry();

/**
 * Registers a layer for this process. Call it once for each alias, when the program starts.
 * @throws LayerTaken when the alias is in use; InvalidName.
 */
export function registerLayer(alias: string, layer: ChannelLayer): void {
  processRegistry.register(alias, layer);
}

/**
 * Returns the layer that is registered in this process under an alias.
 * @throws UnknownLayer, which lists the registered aliases.
 */
export function getLayer(alias = "default"): ChannelLayer {
  return processRegistry.get(alias);
}

/** Removes an alias and returns its layer, if there was one, without closing it. */
export function unregisterLayer(alias: string): ChannelLayer | undefined {
  return processRegistry.unregister(alias);
}

/** Removes all aliases of this process and closes their layers. */
export async function closeLayers(): Promise<void> {
  await processRegistry.close();
}

/** Returns the process's registry, which `registerLayer` and `getLayer` use, for options that take a registry. */
export function getLayerRegistry(): LayerRegistry {
  return processRegistry;
}
