# Golden numbers for tests/methods/test_golden_proportions.py. Run from the project's root, after clusters.R:
#   Rscript tests/golden/proportions.R
# Shares of the answers of clusters_answers.csv by survey::svyciprop; score intervals, the score test of
# two shares and exact binomial tails by base R.
suppressMessages(library(survey))
source("tests/golden/session.R")
both <- read.csv("tests/golden/clusters_answers.csv")
both$content <- as.integer(both$q1 >= 85)
both$rare <- as.integer(both$q1 >= 98)
share <- function(d, formula, confidence) {
  design <- svydesign(ids = ~building, weights = ~weight, data = d)
  ends <- function(...) as.vector(confint(svyciprop(formula, design, method = "logit", level = confidence, ...)))
  m <- svymean(formula, design)
  list(share = as.numeric(coef(m)), se = as.numeric(SE(m)), df = degf(design), confidence = confidence,
       normal = ends(df = Inf), student = ends())
}
cells <- split(both, paste0(both$committee, both$wave))
cells <- cells[sapply(cells, function(d) sum(d$rare) > 0)]
score <- function(x, n) as.vector(prop.test(x, n, correct = FALSE)$conf.int)
counts <- list(c(0, 12), c(1, 30), c(17, 40), c(29, 30), c(55, 55), c(301, 977))
pairs <- list(c(48, 80, 56, 70), c(1, 40, 6, 55), c(12, 12, 20, 31), c(150, 400, 161, 390))
tails <- list(c(3, 20, 0.3), c(0, 15, 0.1), c(14, 25, 0.31), c(9, 9, 0.8))
keep_numbers("proportions", list(
  content = lapply(cells, share, ~content, 0.95), rare = lapply(cells, share, ~rare, 0.9),
  score = lapply(counts, function(k) list(x = k[1], n = k[2], ends = score(k[1], k[2]))),
  two = lapply(pairs, function(k) list(x = k[c(1, 3)], n = k[c(2, 4)],
    p = suppressWarnings(prop.test(k[c(1, 3)], k[c(2, 4)], correct = FALSE))$p.value)),
  binomial = lapply(tails, function(k) list(x = k[1], n = k[2], share = k[3],
    below = binom.test(k[1], k[2], k[3], alternative = "less")$p.value,
    above = binom.test(k[1], k[2], k[3], alternative = "greater")$p.value))))
keep_session("proportions")
