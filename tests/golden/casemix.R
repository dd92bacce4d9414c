# Golden numbers for tests/methods/test_casemix.py. Run from the project's root:
#   Rscript tests/golden/casemix.R ../shared/peers
# Schools of apiclus1.csv in their districts, api00 adjusted for meals and ell, weighted by
# enrolment. Everything comes from lm() with one indicator per district; the sandwich is put
# together from lm's model matrix and residuals.
peers <- commandArgs(TRUE)[1]
d <- read.csv(file.path(peers, "apiclus1.csv"))
d <- d[!is.na(d$enroll), ]
d$district <- factor(d$dnum)
fit <- lm(api00 ~ 0 + district + meals + ell, data = d, weights = enroll)
covariates <- c("meals", "ell")
reference <- sapply(covariates, function(v) weighted.mean(d[[v]], d$enroll))
k <- nlevels(d$district)
L <- cbind(diag(k), matrix(reference, k, 2, byrow = TRUE))  # intercepts at the reference mix
adjusted <- as.vector(L %*% coef(fit))

X <- model.matrix(fit)
w <- d$enroll
bread <- solve(t(X) %*% (w * X))
g <- as.vector(table(d$district))[d$district]
enlarge <- sqrt(g / pmax(g - 1, 1)) * sqrt((nrow(d) - k) / (nrow(d) - k - 2))
scores <- X * (w * residuals(fit) * enlarge)
sandwich <- bread %*% crossprod(scores) %*% bread
covariance <- L %*% sandwich %*% t(L)

out <- file("tests/golden/casemix.csv", "w")
writeLines(c(paste0("# ", R.version.string, "; Rscript tests/golden/casemix.R"),
             "quantity,key,value"), out)
put <- function(quantity, key, value)
  writeLines(sprintf("%s,%s,%.15g", quantity, key, value), out)
put("adjusted", levels(d$district), adjusted)
put("se", levels(d$district), ifelse(table(d$district) > 1, sqrt(diag(covariance)), NA))
big <- which(table(d$district) > 1)[1:2]
put("covariance", paste(names(big), collapse = "-"), covariance[big[1], big[2]])
put("beta", covariates, coef(fit)[covariates])
put("beta_se", covariates, sqrt(diag(sandwich))[k + 1:2])
close(out)
source("tests/golden/session.R")
keep_session("casemix")
