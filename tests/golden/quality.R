# Golden numbers for tests/methods/test_quality.py. Run from the project's root, after agreement.R:
#   Rscript tests/golden/quality.R
# Base R only: mahalanobis(); its form over the items answered, row by row; optimise() on the
# restricted likelihood of a random-effects mean.
items <- as.matrix(read.csv("tests/golden/agreement_items.csv"))
out <- file("tests/golden/quality.csv", "w")
writeLines(c(paste0("# ", R.version.string, "; Rscript tests/golden/quality.R"),
             "quantity,key,value"), out)
put <- function(quantity, key, value)
  writeLines(sprintf("%s,%s,%.15g", quantity, key, value), out)

put("mahalanobis", seq_len(nrow(items)) - 1, mahalanobis(items, colMeans(items), cov(items)))
holes <- items
holes[cbind(seq(1, 250, 5), rep_len(1:8, 50))] <- NA
m <- colMeans(holes, na.rm = TRUE); S <- cov(holes, use = "pairwise.complete.obs")
put("mahalanobis_with_holes", seq_len(nrow(holes)) - 1, apply(holes, 1, function(x) {
  a <- !is.na(x); d <- x[a] - m[a]; sum(d * solve(S[a, a], d)) }))
put("irv", 0:19, apply(holes[1:20, ], 1, sd, na.rm = TRUE))
put("longstring", 0:19, apply(items[1:20, ], 1, function(x) max(rle(as.vector(x))$lengths)))

delta <- c(1.2, 0.4, -0.8, 2.1, 9.5, 0.3, -1.6, 1.1, 0.9, -0.2, 1.7, 0.6)
v <- c(0.9, 1.4, 0.7, 1.1, 1.0, 0.5, 2.2, 0.8, 1.3, 0.6, 1.9, 1.0)
reml <- function(t) {
  w <- 1 / (v + t); mu <- sum(w * delta) / sum(w)
  0.5 * (sum(log(v + t)) + log(sum(w)) + sum(w * (delta - mu)^2))
}
tau2 <- optimise(reml, c(0, 100), tol = 1e-12)$minimum
w <- 1 / (v + tau2); mu <- sum(w * delta) / sum(w)
put("gap", c("tau2", "mean", "se"), c(tau2, mu, 1 / sqrt(sum(w))))
put("gap_statistic", 0:11, abs(delta - mu) / sqrt(v + tau2))
close(out)
source("tests/golden/session.R")
keep_session("quality")
