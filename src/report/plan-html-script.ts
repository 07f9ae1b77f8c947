/** The only script of a page: it shows the filter and hides what does not fit. Everything can be read without it. */

/** In the page as it is; the policy of the page names its hash. */
export const SCRIPT = `"use strict";
(() => {
  const bar = document.getElementById("filter")
  if (bar === null) return
  const text = document.getElementById("filter-text")
  const count = document.getElementById("filter-count")
  const none = document.getElementById("filter-none")
  const boxes = Array.from(bar.querySelectorAll("input[name=verb]"))
  const images = Array.from(document.querySelectorAll("article.image"), (article) => ({
    article,
    name: article.querySelector("h3").textContent.toLowerCase(),
    groups: Array.from(article.querySelectorAll(".group"), (group) => ({
      group,
      shared: Array.from(group.children).slice(1).map((part) => part.textContent).join(" ").toLowerCase(),
      rows: Array.from(group.querySelectorAll(".row"), (row) => ({
        row,
        verb: row.dataset.verb,
        text: row.textContent.toLowerCase(),
      })),
    })),
  }))
  const apply = () => {
    const words = text.value.toLowerCase().split(/\\s+/).filter((word) => word !== "")
    const verbs = new Set(boxes.filter((box) => box.checked).map((box) => box.value))
    let shown = 0
    let all = 0
    for (const { article, name, groups } of images) {
      let inImage = 0
      for (const { group, shared, rows } of groups) {
        let inGroup = 0
        for (const { row, verb, text: own } of rows) {
          const whole = name + " " + own + " " + shared
          const fits = (verbs.size === 0 || verbs.has(verb)) && words.every((word) => whole.includes(word))
          row.hidden = !fits
          all += 1
          if (fits) inGroup += 1
        }
        group.hidden = inGroup === 0
        inImage += inGroup
      }
      article.hidden = inImage === 0
      shown += inImage
    }
    none.hidden = shown > 0
    count.textContent = (shown === all ? "" : shown + " of ") + all + (all === 1 ? " placement" : " placements")
  }
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1))
    if (target === null || target.closest("[hidden]") === null) return
    text.value = ""
    for (const box of boxes) box.checked = false
    apply()
    target.scrollIntoView()
  }
  text.addEventListener("input", apply)
  for (const box of boxes) box.addEventListener("change", apply)
  addEventListener("hashchange", reveal)
  bar.hidden = false
  apply()
})()
`

/** sha256 of the script, in base64. */
export const SCRIPT_HASH = "SHsiKulfnz87jcibhNlFzzH1XvEq2A1wsDpTNHHM6js="
