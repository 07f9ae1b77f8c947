import { expect, test } from "vitest"
import { misfit, type Shape } from "../../src/cloud/reply-shape.ts"

const SHAPE: Shape = [{ Id: "text", Size: "number", Tags: [{ Key: "text" }], Deep: { On: "flag" } }]

test.each<[string, unknown, string | undefined]>([
  [
    "what fits, whatever else it holds",
    [{ Id: "a", Size: 1, Tags: [{ Key: "k" }], Deep: { On: true }, More: 1 }],
    undefined,
  ],
  ["null and absent members", [{ Id: null, Tags: null }, {}], undefined],
  ["nothing at all", null, undefined],
  ["no list", {}, "ImageSet"],
  ["null in a list", [{}, null], "ImageSet.1"],
  ["a list for an object", [[]], "ImageSet.0"],
  ["a text for an object", ["a"], "ImageSet.0"],
  ["a number for a text", [{ Id: "a" }, { Id: 1 }], "ImageSet.1.Id"],
  ["a text for a number", [{ Size: "1" }], "ImageSet.0.Size"],
  ["deep in a list of a list", [{ Tags: [{ Key: "k" }, { Key: {} }] }], "ImageSet.0.Tags.1.Key"],
  ["null in a list of a list", [{ Tags: [null] }], "ImageSet.0.Tags.0"],
  ["deep in an object", [{ Deep: { On: "yes" } }], "ImageSet.0.Deep.On"],
])("%s", (_, value, path) => {
  expect(misfit(value, SHAPE, "ImageSet")).toBe(path)
})
