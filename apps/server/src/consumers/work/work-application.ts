import { type ChannelApplication, channelNameRouter } from "@multichat/channels";
import { NoticeConsumer, type NoticeServices } from "./notice-consumer.ts";

/** The named channels that other programs write to and `multichat worker` reads. */
export function workApplication(services: NoticeServices): ChannelApplication {
  class Notices extends NoticeConsumer {
    protected readonly services = services;
  }
  return channelNameRouter({ "multichat.notices": Notices });
}
