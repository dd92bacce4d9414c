# What every script here ends with: keep_session("NAME") writes sessions/NAME.txt, the R, the packages
# and the system that the numbers beside it were made with.
keep_session <- function(name) {
  dir.create("tests/golden/sessions", showWarnings = FALSE)
  writeLines(c(capture.output(RNGkind()), capture.output(print(sessionInfo()))),
             file.path("tests/golden/sessions", paste0(name, ".txt")))
}
# Numbers as JSON with 15 digits, from the project's root.
keep_numbers <- function(name, numbers)
  writeLines(jsonlite::toJSON(numbers, digits = I(15), auto_unbox = TRUE, pretty = TRUE),
             file.path("tests/golden", paste0(name, ".json")))
