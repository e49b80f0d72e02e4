import { type ChannelApplication, channelNameRouter } from "@multichat/channels";
import { NoticeConsumer, type NoticeServices } from "./notice-consumer.ts";

/** The chat's doors for work: named channels that programs of any kind write to, and `multichat worker` reads. */
export function workApplication(services: NoticeServices): ChannelApplication {
  class Notices extends NoticeConsumer {
    protected readonly services = services;
  }
  return channelNameRouter({ "multichat.notices": Notices });
}
