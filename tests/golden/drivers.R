# Golden numbers for tests/methods/test_drivers.py. Run from the project's root:
#   Rscript tests/golden/drivers.R ../shared/peers
# LMG by brute force: lm() for every one of the 5! orders in which the predictors of the swiss data
# can enter, averaging each one's gain in R^2 (120 orders, no recursion, no correlation matrix).
# Johnson (2000) from the correlation matrix as in his paper.
# The R documentation of these data (Mosteller & Tukey 1977) is at help(swiss).
peers <- commandArgs(TRUE)[1]
swiss_file <- read.csv(file.path(peers, "swiss.csv"), row.names = 1)
stopifnot(isTRUE(all.equal(swiss_file, datasets::swiss, check.attributes = FALSE)))
predictors <- names(swiss_file)[-1]

permutations <- function(v) {
  if (length(v) < 2) return(list(v))
  do.call(c, lapply(seq_along(v), function(i)
    lapply(permutations(v[-i]), function(rest) c(v[i], rest))))
}
lmg <- function(data, weights, groups = NULL) {
  data$group <- groups
  data$.w <- weights
  residual_share <- new.env()
  rss <- function(terms) {
    key <- paste(c("rss", sort(terms)), collapse = "+")
    if (is.null(residual_share[[key]])) {
      right <- c(if (is.null(groups)) "1" else "factor(group)", terms)
      fit <- lm(reformulate(right, "Fertility"), data = data, weights = .w)
      residual_share[[key]] <- sum(weights * residuals(fit)^2)
    }
    residual_share[[key]]
  }
  gains <- setNames(numeric(length(predictors)), predictors)
  orders <- permutations(predictors)
  for (order in orders) for (i in seq_along(order))
    gains[order[i]] <- gains[order[i]] +
      rss(order[seq_len(i - 1)]) - rss(order[seq_len(i)])
  gains / length(orders) / rss(character(0))
}
johnson <- function(data) {
  R <- cor(data[predictors]); r <- cor(data[predictors], data$Fertility)
  e <- eigen(R)
  Lambda <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors)
  beta <- solve(Lambda) %*% r
  as.vector(Lambda^2 %*% beta^2)
}

out <- file("tests/golden/drivers.csv", "w")
writeLines(c(paste0("# ", R.version.string, "; Rscript tests/golden/drivers.R"),
             "quantity,key,value"), out)
put <- function(quantity, key, value)
  writeLines(sprintf("%s,%s,%.15g", quantity, key, value), out)
ones <- rep(1, nrow(swiss_file))
put("lmg", predictors, lmg(swiss_file, ones))
put("johnson", predictors, johnson(swiss_file))
put("r_squared", "all", summary(lm(Fertility ~ ., swiss_file))$r.squared)
# weights 1, 2, 3, 1, 2, 3, ... and four groups of neighbouring rows
weights <- rep_len(1:3, nrow(swiss_file))
groups <- rep(0:3, each = 12)[seq_len(nrow(swiss_file))]
put("lmg_weighted_grouped", predictors, lmg(swiss_file, weights, groups))
close(out)
source("tests/golden/session.R")
keep_session("drivers")
