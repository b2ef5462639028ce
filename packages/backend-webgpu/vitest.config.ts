// The shared test settings, and Chromium's software driver where no other driver of Vulkan is named, so that a
// machine without a graphics processor runs every test all the same.
import { existsSync } from "node:fs";
import shared from "@neural-langevin/tooling/vitest";
import { mergeConfig } from "vitest/config";

const software = "/usr/lib/chromium/vk_swiftshader_icd.json";
const named = process.env.VK_ICD_FILENAMES !== undefined || !existsSync(software);

export default mergeConfig(shared, {
  test: { env: named ? {} : { VK_ICD_FILENAMES: software } },
});
